import { createHash, timingSafeEqual } from "node:crypto";
import { AuthService, Revocation_Kind } from "@sampan/contracts/auth/v1/auth_pb.js";
import { PhoneService } from "@sampan/contracts/user/v1/phone_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { Code, implement, RpcError, type Service } from "@sampan/core";
import type { TokenVerifier } from "@sampan/core/ports";
import type { Passwords, PublicTokenKeys } from "@sampan/identity";
import type { MiniProgramProvider } from "@sampan/miniprogram";
import type { AuthStore } from "./auth-records.js";
import { addressGroup } from "./domain/address-group.js";
import { AuthErrors } from "./domain/errors.js";
import { operatorSubject } from "./domain/session.js";
import type { Sessions } from "./sessions.js";

export interface AuthDeps {
  readonly platform: MiniProgramProvider;
  readonly tokens: TokenVerifier & { publicKeys(): Promise<PublicTokenKeys> };
  readonly store: AuthStore;
  readonly sessions: Sessions;
  readonly passwords: Passwords;
  /** The installation's operator key. */
  readonly operatorKey: string;
}

const revocationsAtOnce = 500;

export function authService(deps: AuthDeps): Service {
  const { platform, tokens, store, sessions, passwords, operatorKey } = deps;
  return implement(AuthService, {
    async loginByCode({ code, deviceId }, call) {
      // The session secret and the platform's tokens end here: nothing on the server needs them, and what is not kept
      // cannot be stolen.
      const { subject, unionId } = await platform.login(code, call);
      const { user, created } = await call
        .to(UserService)
        .ensureUser({ provider: platform.name, openid: subject, unionid: unionId ?? "" });
      const userId = user?.userId ?? "";
      const who = { subject: userId, tenant: call.tenant, roles: ["user"], device: deviceId };
      return { ...(await sessions.open(call, who)), userId, newUser: created };
    },

    async loginOperator({ key, deviceId }, call) {
      if (!sameSecret(key, operatorKey)) throw AuthErrors.WRONG_OPERATOR_KEY();
      const roles = ["operator", "owner"];
      return sessions.open(call, { subject: "operator", tenant: call.tenant, roles, device: deviceId });
    },

    async loginByPassword({ name, password, deviceId }, call) {
      const operator = await store.operator(name);
      const address = addressGroup(call.metadata.get("client-address") ?? "");
      const fresh = await passwords.check({ account: name, password, address, hash: operator?.passwordHash });
      // Without an account the check has thrown.
      if (operator === undefined) throw AuthErrors.UNKNOWN_OPERATOR({ name });
      if (fresh !== undefined)
        await store.change(call, async (change) => {
          const now = await change.operator(name);
          // Unless somebody has set another password meanwhile.
          if (now?.passwordHash === operator.passwordHash) await change.saveOperator({ ...now, passwordHash: fresh });
        });
      const { roles } = operator;
      const who = { subject: operatorSubject(name), tenant: call.tenant, roles, device: deviceId };
      return { ...(await sessions.open(call, who)), roles: [...roles] };
    },

    refresh: ({ refreshToken, deviceId }, call) => sessions.refresh(call, refreshToken, deviceId),

    async logout({ refreshToken }, call) {
      await sessions.end(call, refreshToken);
      return {};
    },

    async logoutEverywhere(_, call) {
      await sessions.endAll(call, call.requireUser().subject);
      return {};
    },

    async bindPhone({ code }, call) {
      const userId = call.requireUser().subject;
      if (platform.phoneNumber === undefined) throw AuthErrors.PHONE_NOT_OFFERED({ platform: platform.name });
      const { purePhoneNumber: number, countryCode } = await platform.phoneNumber(code, call);
      const { phone } = await call.to(PhoneService).bindPhone({ userId, number, countryCode });
      return { phone };
    },

    async getKeySet() {
      const data = new TextEncoder().encode(JSON.stringify(await tokens.publicKeys()));
      return { body: { contentType: "application/jwk-set+json", data } };
    },

    async validateToken({ token }) {
      try {
        const { subject, tenant, roles, scopes = [], session = "" } = await tokens.verify(token);
        return { active: true, subject, tenant, roles: [...roles], scopes: [...scopes], session };
      } catch (error) {
        const refusal = RpcError.from(error);
        if (refusal.code !== Code.Unauthenticated) throw error;
        return { active: false, reason: refusal.reason ?? "" };
      }
    },

    async listRevocations({ after }) {
      const { revocations, last } = await store.revocations(Number(after), revocationsAtOnce);
      return {
        last: BigInt(last),
        revocations: revocations.map(({ kind, id, notBefore, until }) => ({
          kind: kind === "session" ? Revocation_Kind.SESSION : Revocation_Kind.SUBJECT,
          id,
          notBefore: BigInt(notBefore),
          until: BigInt(until),
        })),
      };
    },

    async getSigningKey({ keyId }) {
      const secret = await sessions.signingKey(keyId);
      if (secret === undefined) throw AuthErrors.UNKNOWN_SIGNING_KEY({ key: keyId });
      return { secret };
    },
  });
}

/** Takes the same time wherever the two differ; digests make the lengths equal. */
function sameSecret(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
