import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Call, Clock, Layer } from "@sampan/core";
import type { Logger, Meter } from "@sampan/core/ports";
import { fileSource } from "@sampan/govern";
import {
  type AccessExplanation,
  AccessGuard,
  type AccessPolicy,
  type Decision,
  explainAccess,
  requireAccessPolicy,
  type Surroundings,
} from "@sampan/identity/access";
import { reasonOf } from "../errors.js";
import { Repeats } from "../repeats.js";
import type { AccessSettings } from "./access-settings.js";
import { type Denial, Denials } from "./denials.js";

export interface ProcessAccessOptions {
  readonly settings: AccessSettings;
  readonly surroundings: Surroundings;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter: Meter;
}

/** What `/access` of the admin port shows. */
export interface AccessState {
  readonly source: string;
  readonly trustDomain: string;
  readonly namespace: string;
  /** In force; its mode is `shadow` also when the settings say so. */
  readonly policy: AccessPolicy;
  /** Why the newest policy is not in force; absent when it is. */
  readonly rejected?: { readonly why: string; readonly at: string };
  readonly denials: readonly Denial[];
}

const toldEveryMs = 60_000;
/** As long as a policy may be. */
const maxBytes = 1024 * 1024;

/** Which service may call which method of this process: a policy file, enforced by a layer, and followed until `close`. */
export class ProcessAccess {
  readonly #options: ProcessAccessOptions;
  readonly #guard: AccessGuard;
  readonly #denials: Denials;
  readonly #repeats = new Repeats(toldEveryMs);
  readonly #unwatch: () => void;
  #text: string;
  #rejected: { readonly why: string; readonly at: string } | undefined;

  /** With the text of the policy as it is now. Throws `POLICY_INVALID`. */
  constructor(text: string, options: ProcessAccessOptions) {
    this.#options = options;
    this.#text = text;
    const { settings, surroundings, clock, meter } = options;
    this.#denials = new Denials(settings.denials);
    const denied = (identity: string, method: string, decision: Decision, call: Call): void =>
      this.#denied(identity, method, decision, call);
    this.#guard = new AccessGuard({ policy: this.#read(text), surroundings, meter, denied });
    this.#tell();
    this.#unwatch = fileSource(settings.policy, { clock, maxBytes }).watch({
      rules: ({ text }) => this.#replace(text),
      failed: (error) => this.#reject(reasonOf(error)),
    });
  }

  /** Server layer; see `AccessGuard`. */
  get layer(): Layer {
    return this.#guard.layer;
  }

  state(): AccessState {
    const { settings, surroundings } = this.#options;
    return {
      source: resolve(settings.policy),
      ...surroundings,
      policy: this.#guard.policy,
      ...(this.#rejected === undefined ? {} : { rejected: this.#rejected }),
      denials: this.#denials.list(),
    };
  }

  /** Why somebody may, or may not, call a method. */
  explain(identity: string, method: string): AccessExplanation {
    return explainAccess(this.#guard.policy, this.#options.surroundings, identity, method);
  }

  close(): void {
    this.#unwatch();
  }

  #read(text: string): AccessPolicy {
    const { policy: path, mode } = this.#options.settings;
    const policy = requireAccessPolicy(text, path);
    return mode === "shadow" ? { ...policy, mode } : policy;
  }

  #replace(text: string): void {
    this.#rejected = undefined;
    if (text === this.#text) return;
    try {
      this.#guard.replace(this.#read(text));
      this.#text = text;
      this.#tell();
    } catch (error) {
      this.#reject(reasonOf(error));
    }
  }

  #reject(why: string): void {
    const { logger, clock } = this.#options;
    this.#rejected = { why, at: new Date(clock.now()).toISOString() };
    logger.error("the access policy is not taken over; the last good one stays in force", { why });
  }

  #tell(): void {
    const { mode, rules } = this.#guard.policy;
    this.#options.logger.info("an access policy is in force", { mode, rules: rules.length });
  }

  #denied(identity: string, method: string, decision: Decision, call: Call): void {
    const { logger, clock } = this.#options;
    const now = clock.now();
    const { isShadow, rule } = this.#denials.note(identity, method, decision, now);
    const also = this.#repeats.note(`${isShadow} ${identity} ${method}`, now);
    if (also === undefined) return;
    logger.warn(isShadow ? "the access policy would refuse a call" : "the access policy refuses a call", {
      identity: identity === "" ? "unknown" : identity,
      peer: call.peer.address,
      method,
      because: rule === "" ? "no rule allows it" : `the rule ${rule}`,
      trace_id: call.trace.traceId,
      also,
    });
  }
}

/** Reads and follows the policy file. Rejects with `POLICY_INVALID`, or when the file cannot be read. */
export async function openAccess(options: ProcessAccessOptions): Promise<ProcessAccess> {
  return new ProcessAccess(await readFile(resolve(options.settings.policy), "utf8"), options);
}
