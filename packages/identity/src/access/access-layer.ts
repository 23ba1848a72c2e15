import type { Call, Handler, Layer } from "@sampan/core";
import type { Counter, Meter } from "@sampan/core/ports";
import { AccessErrors } from "./access-errors.js";
import { AccessDecider, type Decision, type Surroundings } from "./decide.js";
import type { AccessPolicy } from "./policy.js";

export interface AccessGuardOptions {
  readonly policy: AccessPolicy;
  readonly surroundings: Surroundings;
  readonly meter?: Meter;
  /** Hears of each decision that is, or in shadow would be, a denial. */
  readonly denied?: (identity: string, method: string, decision: Decision, call: Call) => void;
}

/** Identities to remember for each method; those of one platform are a few dozen. */
const mostRemembered = 1000;

/**
 * The policy of a process, and the server layer that enforces it. `replace` takes effect with the next call, at once and
 * as a whole.
 */
export class AccessGuard {
  readonly #options: AccessGuardOptions;
  #decider: AccessDecider;

  constructor(options: AccessGuardOptions) {
    this.#options = options;
    this.#decider = new AccessDecider(options.policy, options.surroundings);
  }

  get policy(): AccessPolicy {
    return this.#decider.policy;
  }

  replace(policy: AccessPolicy): void {
    this.#decider = new AccessDecider(policy, this.#options.surroundings);
  }

  /**
   * Refuses with `ACCESS_DENIED`, which does not say why: that is for the operator, through `denied`. Stands outside of
   * validation: what a stranger has sent is not looked at.
   */
  readonly layer: Layer = (next, method): Handler => {
    const path = method.path.slice(1);
    const { denied = () => {} } = this.#options;
    const counters = this.#counters(path);
    const known = new Map<string, Decision>();
    let decider = this.#decider;
    // Hot: one look-up for a caller that was here before.
    return (request, call) => {
      if (decider !== this.#decider) {
        decider = this.#decider;
        known.clear();
      }
      const identity = this.#identityOf(call);
      let decision = known.get(identity);
      if (decision === undefined) {
        decision = decider.decide(identity, path);
        if (known.size >= mostRemembered) known.clear();
        known.set(identity, decision);
      }
      if (decision.shadow !== undefined) {
        counters?.shadow(decision.shadow.allowed).add();
        if (!decision.shadow.allowed) denied(identity, path, decision, call);
      }
      if (decision.allowed) return next(request, call);
      counters?.denied.add();
      denied(identity, path, decision, call);
      throw AccessErrors.ACCESS_DENIED({ method: path });
    };
  };

  /**
   * A name, rather than a certificate's id, counts when the caller is in this process or when there is no mTLS at all:
   * otherwise anybody could write it into a header.
   */
  #identityOf({ peer }: Call): string {
    const { identity, address } = peer;
    if (identity.startsWith("spiffe://")) return identity;
    return this.#options.surroundings.trustDomain === "" || address === "memory" ? identity : "";
  }

  #counters(method: string): { readonly denied: Counter; shadow(allowed: boolean): Counter } | undefined {
    const { meter } = this.#options;
    if (meter === undefined) return undefined;
    const help = "Calls that the access policy has refused.";
    const denied = meter.counter({ name: "sampan_access_denied_total", help }, { method });
    const shadowOf = (would: string): Counter =>
      meter.counter(
        { name: "sampan_access_shadow_total", help: "Calls that rules in shadow would decide otherwise." },
        { method, would },
      );
    const [allow, deny] = [shadowOf("allow"), shadowOf("deny")];
    return { denied, shadow: (allowed) => (allowed ? allow : deny) };
  }
}
