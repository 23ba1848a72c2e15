import { type Call, type Handler, type Method, type RpcError, retryAfter } from "@sampan/core";
import type { KeyValue } from "@sampan/core/ports";
import { type ReadKey, readKey } from "../call-key.js";
import type { Enforcement, Guard, GuardContext, GuardState } from "../guard.js";
import { later } from "../later.js";
import { Refusals } from "../refusals.js";
import type { GuardKind } from "../rules/section.js";
import { LimitErrors } from "./error.js";
import { ask, type Verdict } from "./gate.js";
import { Limiter, type LimitGate } from "./limiter.js";
import { hintMs } from "./paced-bucket.js";
import { type LimitPolicy, limitSection } from "./policy.js";
import { LeaseDriver, type Waiting } from "./shared-limit.js";

export interface LimitPorts {
  /** For shared limits. Without one they hold as while the store is away. */
  readonly keyValue?: KeyValue;
}

export function limitKind(ports: LimitPorts = {}): GuardKind<LimitPolicy> {
  return {
    section: limitSection,
    make: (policy, enforcement, context) => new LimitGuard(policy, enforcement, context, ports.keyValue),
  };
}

/** Why a limit cannot be enforced on a method; undefined when it can. */
export function limitMisfit(policy: LimitPolicy, method: Method): string | undefined {
  const read = policy.per === undefined ? undefined : readKey(policy.per, method);
  return typeof read === "string" ? read : undefined;
}

/** Why a limit cannot be enforced in a process; undefined when it can. */
export function limitUnsupported({ shared }: LimitPolicy, { keyValue }: LimitPorts): string | undefined {
  return shared && keyValue === undefined ? "this process has no key-value store to share a limit by" : undefined;
}

const noKey: ReadKey = () => "";

class LimitGuard implements Guard<LimitPolicy> {
  #policy: LimitPolicy;
  #limiter: Limiter;
  #shadow: boolean;
  readonly #context: GuardContext;
  readonly #refusals: Refusals;
  readonly #leases: LeaseDriver;
  readonly #store: KeyValue | undefined;
  /** Of calls that wait for their turn. */
  readonly #waiting = new Set<(error: RpcError) => void>();

  constructor(policy: LimitPolicy, enforcement: Enforcement, context: GuardContext, store: KeyValue | undefined) {
    this.#policy = policy;
    this.#shadow = enforcement === "shadow";
    this.#context = context;
    this.#store = store;
    this.#limiter = this.#build(policy);
    this.#leases = this.#driver();
    this.#refusals = new Refusals((retryMs) =>
      LimitErrors.RATE_LIMITED({ scope: context.scope, rule: context.rule }, { details: [retryAfter(retryMs)] }),
    );
  }

  wrap(next: Handler, method: Method): Handler {
    const { clock } = this.#context;
    // The key is looked up anew after a reload that changes it.
    let per: string | undefined;
    let read = noKey;
    return (request, call) => {
      const policy = this.#policy;
      const now = clock.monotonic();
      let key = "";
      if (policy.fair === "tenant") key = call.tenant;
      else if (policy.per !== undefined) {
        if (policy.per !== per) {
          per = policy.per;
          const found = readKey(per, method);
          read = typeof found === "string" ? noKey : found;
        }
        key = read(request, call);
      }
      if (policy.shared) return this.#shared(key, now, next, request, call, method);
      const verdict = this.#limiter.take(key, now);
      if (verdict === 0) return next(request, call);
      if (verdict < 0) return this.#refuse(verdict, next, request, call);
      return this.#wait(this.#limiter.gate(key, now), now, verdict, next, request, call, method);
    };
  }

  reload(policy: LimitPolicy, enforcement: Enforcement): void {
    this.#shadow = enforcement === "shadow";
    this.#policy = policy;
    this.#leases.timeoutMs = policy.storeTimeoutMs;
    if (!this.#limiter.reload(policy, this.#context.clock.monotonic())) this.#limiter = this.#build(policy);
  }

  state(): GuardState {
    return { waiting: this.#waiting.size, ...this.#limiter.state };
  }

  close(): void {
    this.#leases.close();
    for (const reject of [...this.#waiting]) reject(this.#refusals.after(1000));
  }

  #build(policy: LimitPolicy): Limiter {
    return new Limiter(policy, `limit/${this.#context.rule}/${this.#context.scope}`);
  }

  #driver(): LeaseDriver {
    const { clock, report } = this.#context;
    return new LeaseDriver(this.#store, clock, this.#policy.storeTimeoutMs, (what) => report.happened(what));
  }

  #refuse(verdict: Verdict, next: Handler, request: unknown, call: Call): unknown {
    this.#context.report.refused("rate");
    if (this.#shadow) return next(request, call);
    throw this.#refusals.after(hintMs(verdict));
  }

  #shared(key: string, now: number, next: Handler, request: unknown, call: Call, method: Method): unknown {
    const gate = this.#limiter.gate(key, now) as LimitGate;
    const stored = gate.stored as NonNullable<LimitGate["stored"]>;
    const verdict = stored.lease.take(now);
    if (stored.lease.away && verdict === 0) this.#context.report.happened("decided-locally");
    if (verdict !== ask || this.#shadow) {
      this.#leases.refill(stored, now, this.#limiter.rateOf(key));
      if (verdict < 0) return this.#refuse(verdict, next, request, call);
      return next(request, call);
    }
    const answered = new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        gone: false,
        decided: (answer) => (answer >= 0 ? resolve() : reject(this.#refused(answer))),
      };
      if (!this.#leases.wait(stored, waiting)) {
        reject(this.#refused(-1000));
        return;
      }
      call.onAbort((error) => {
        waiting.gone = true;
        reject(error);
      });
    });
    this.#leases.refill(stored, now, this.#limiter.rateOf(key));
    return later(answered, next, request, call, method);
  }

  #refused(verdict: Verdict): RpcError {
    this.#context.report.refused("rate");
    return this.#refusals.after(hintMs(verdict));
  }

  #wait(
    gate: LimitGate | undefined,
    now: number,
    waitMs: number,
    next: Handler,
    request: unknown,
    call: Call,
    method: Method,
  ): unknown {
    const { clock, report } = this.#context;
    report.happened("waited");
    if (this.#shadow) return next(request, call);
    // A call whose deadline comes before its turn would wait for nothing.
    if (waitMs >= call.remaining()) {
      gate?.giveBack(now + waitMs);
      return this.#refuse(-waitMs, next, request, call);
    }
    const turn = new Promise<void>((resolve, reject) => {
      const leave = (error: RpcError): void => {
        cancel();
        if (this.#waiting.delete(leave)) gate?.giveBack(now + waitMs);
        reject(error);
      };
      const cancel = clock.timer(waitMs, () => {
        this.#waiting.delete(leave);
        resolve();
      });
      this.#waiting.add(leave);
      call.onAbort(leave);
    });
    return later(turn, next, request, call, method);
  }
}
