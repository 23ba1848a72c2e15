import { OperatorService } from "@sampan/contracts/auth/v1/auth_pb.js";
import { implement, type Service } from "@sampan/core";
import type { Passwords } from "@sampan/identity";
import type { AuthChange, AuthStore } from "./auth-records.js";
import { AuthErrors } from "./domain/errors.js";
import { operatorRoles } from "./domain/roles.js";
import { type Operator, operatorSubject } from "./domain/session.js";
import type { Sessions } from "./sessions.js";

export interface OperatorDeps {
  readonly store: AuthStore;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
}

/** The accounts that log in with a password. The installation's operator key stays the way in when there is none. */
export function operatorService({ store, passwords, sessions }: OperatorDeps): Service {
  return implement(OperatorService, {
    async createOperator({ name, password, roles }, call) {
      const operator = { name, roles: operatorRoles(roles), passwordHash: await passwords.hash(password, name) };
      await store.change(call, async (change) => {
        if ((await change.operator(name)) !== undefined) throw AuthErrors.OPERATOR_EXISTS({ name });
        await change.addOperator(operator);
      });
      return { operator: toMessage(operator) };
    },

    async listOperators() {
      return { operators: (await store.operators()).map(toMessage) };
    },

    async setOperatorRoles({ name, roles }, call) {
      const known = operatorRoles(roles);
      const operator = await store.change(call, async (change) => {
        const changed = { ...(await required(change, name)), roles: known };
        await change.saveOperator(changed);
        return changed;
      });
      await sessions.endAll(call, operatorSubject(name));
      return { operator: toMessage(operator) };
    },

    async setOperatorPassword({ name, password }, call) {
      const passwordHash = await passwords.hash(password, name);
      await store.change(call, async (change) => {
        await change.saveOperator({ ...(await required(change, name)), passwordHash });
      });
      await sessions.endAll(call, operatorSubject(name));
      return {};
    },
  });
}

async function required(change: AuthChange, name: string): Promise<Operator> {
  const operator = await change.operator(name);
  if (operator === undefined) throw AuthErrors.UNKNOWN_OPERATOR({ name });
  return operator;
}

function toMessage({ name, roles }: Operator): { name: string; roles: string[] } {
  return { name, roles: [...roles] };
}
