import type { Call, Method } from "@sampan/core";
import type { LoadBalancingGuard, LoadBalancingPolicy } from "../../balancing/index.js";
import { type ReadKey, readKey } from "../../call-key.js";
import type { EndpointGuard, EndpointHealth } from "../../endpoint-health.js";
import type { CallAttributes } from "../matching/attributes.js";
import { type Candidate, choose } from "../matching/choose.js";
import type { CompiledRule } from "../matching/compiled-rule.js";
import type { StackElement } from "./element.js";
import type { GuardStore } from "./guard-store.js";

/**
 * What the rules in force say of the instances of one service. One object for as long as the governor lives: rules
 * change what it answers, and what is known of the instances stays.
 */
export interface EndpointRules extends EndpointHealth {
  /** How calls are spread; undefined when no rule says so. */
  readonly balancing: LoadBalancingPolicy | undefined;
  /** What a call goes by when its balancer hashes; undefined when no rule says so. */
  key(call: Call, method: Method): string | undefined;
  /** Called after `balancing` has changed. Returns what ends that. */
  onChange(listener: () => void): () => void;
}

/** The guards of one service, ready to be put in force. */
export interface PreparedService {
  readonly gates: readonly EndpointHealth[];
  readonly balancer: LoadBalancingGuard | undefined;
}

const nobody: CallAttributes = { tenant: "", caller: "", release: "", label: () => undefined };

export class ServiceSlot implements EndpointRules {
  readonly #service: string;
  readonly #elements: readonly StackElement[];
  readonly #guards: GuardStore;
  readonly #listeners = new Set<() => void>();
  readonly #readers = new Map<Method, { readonly key: string; readonly read: ReadKey | undefined }>();
  #gates: readonly EndpointHealth[] = [];
  #balancing: LoadBalancingPolicy | undefined;
  #known: ReadonlySet<string> = new Set();

  constructor(service: string, elements: readonly StackElement[], guards: GuardStore) {
    this.#service = service;
    this.#elements = elements;
    this.#guards = guards;
  }

  get balancing(): LoadBalancingPolicy | undefined {
    return this.#balancing;
  }

  /** Hot: asked at each pick, mostly of none or one gate. */
  healthy(address: string, now: number): boolean {
    for (const gate of this.#gates) if (!gate.healthy(address, now)) return false;
    return true;
  }

  outcome(address: string, ok: boolean, tookMs: number, now: number): void {
    for (const gate of this.#gates) gate.outcome(address, ok, tookMs, now);
  }

  retain(addresses: ReadonlySet<string>): void {
    this.#known = addresses;
    for (const gate of this.#gates) gate.retain(addresses);
  }

  key(call: Call, method: Method): string | undefined {
    const key = this.#balancing?.key;
    if (key === undefined) return undefined;
    let reader = this.#readers.get(method);
    if (reader?.key !== key) {
      const read = readKey(key, method);
      reader = { key, read: typeof read === "string" ? undefined : read };
      this.#readers.set(method, reader);
    }
    return reader.read?.(undefined, call);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Makes guards, and changes nothing else. */
  prepare(rules: readonly CompiledRule[]): PreparedService {
    const general = rules.filter(({ looksAtCalls, rule }) => !looksAtCalls && rule.match.methods.length === 0);
    const choices = choose(general, this.#service, "", nobody);
    const gates: EndpointHealth[] = [];
    let balancer: LoadBalancingGuard | undefined;
    for (const element of this.#elements) {
      const choice = choices.get(element.kind.section.name);
      for (const candidate of [choice?.enforced, choice?.shadow]) {
        if (candidate === undefined || element.kind.section.perService?.(candidate.section.policy) !== true) continue;
        const guard = this.#guard(element, candidate);
        if ("health" in guard) gates.push((guard as EndpointGuard).health);
        else if (candidate === choice?.enforced) balancer = guard as LoadBalancingGuard;
      }
    }
    return { gates, balancer };
  }

  /** Puts in force what was prepared, after the guards have their policies. */
  adopt({ gates, balancer }: PreparedService): void {
    const before = JSON.stringify(this.#balancing);
    for (const gate of gates) if (!this.#gates.includes(gate) && this.#known.size > 0) gate.retain(this.#known);
    this.#gates = gates;
    this.#balancing = balancer?.balancing;
    if (JSON.stringify(this.#balancing) !== before) for (const listener of this.#listeners) listener();
  }

  #guard(element: StackElement, candidate: Candidate): object {
    return this.#guards.guard(element, candidate, { service: this.#service });
  }
}
