import type { Method } from "@sampan/core";
import type { Enforcement, Guard, GuardContext, GuardReport, GuardState } from "../../guard.js";
import type { Candidate } from "../matching/choose.js";
import type { Side } from "../section.js";
import type { StackElement } from "./element.js";

export interface GuardStoreOptions {
  readonly clock: GuardContext["clock"];
  readonly random: () => number;
  /** `method` is undefined for a guard that several methods share. */
  readonly reportOf: (rule: string, section: string, method: Method | undefined) => GuardReport;
}

/** A guard in force, as operators see it. */
export interface GuardInForce {
  readonly rule: string;
  readonly section: string;
  readonly side: Side;
  readonly scope: string;
  readonly shadow: boolean;
  readonly state: GuardState;
}

interface Kept {
  readonly guard: Guard<unknown>;
  readonly rule: string;
  readonly section: string;
  readonly side: Side;
  readonly scope: string;
  /** How far a policy's guard reaches; one that reaches elsewhere after a reload begins anew. */
  readonly reach: (policy: unknown) => "method" | "rule";
  policy: unknown;
  enforcement: Enforcement;
}

/**
 * The guards of a process, by rule, section, side and scope: what is asked for again is the same guard with its state.
 *
 * A reload has two halves, so that one that fails changes nothing: `stage` collects what the new rules need beside what
 * is there; `commit` tells the guards that stay of their new policy and closes the others, `rollback` closes the new ones.
 */
export class GuardStore {
  readonly #options: GuardStoreOptions;
  readonly #kept = new Map<string, Kept>();
  #staged: Map<string, Kept> | undefined;

  constructor(options: GuardStoreOptions) {
    this.#options = options;
  }

  guard(element: StackElement, { rule, section }: Candidate, method: Method): Guard<unknown> {
    const { policy, side } = section;
    const { name } = rule.rule;
    const enforcement: Enforcement = rule.rule.shadow ? "shadow" : "enforce";
    const reach = (of: unknown) => element.kind.section.scope?.(of).over ?? "rule";
    const over = reach(policy);
    const scope = over === "method" ? `${method.service}/${method.name}` : scopeText(rule.rule.match);
    const key = [name, element.name, side, over, over === "method" ? scope : ""].join("\n");
    const known = this.#kept.get(key) ?? this.#staged?.get(key);
    if (known !== undefined) return known.guard;
    const { clock, random, reportOf } = this.#options;
    const report = reportOf(name, section.name, over === "method" ? method : undefined);
    const context: GuardContext = { rule: `${name}/${section.name}`, scope, clock, random, report };
    const guard: Guard<unknown> = element.kind.make(policy, enforcement, context);
    const kept = { guard, rule: name, section: section.name, side, scope, reach, policy, enforcement };
    (this.#staged ?? this.#kept).set(key, kept);
    return guard;
  }

  stage(): void {
    this.#staged = new Map();
  }

  rollback(): void {
    for (const { guard } of this.#staged?.values() ?? []) guard.close();
    this.#staged = undefined;
  }

  /** `sectionOf` finds what the new rules say of a section; undefined when they no longer have it. */
  commit(sectionOf: (rule: string, section: string) => Candidate["section"] | undefined, shadow: (rule: string) => boolean): void {
    for (const [key, kept] of this.#kept) {
      const section = sectionOf(kept.rule, kept.section);
      const stays = section?.side === kept.side && kept.reach(section.policy) === kept.reach(kept.policy);
      if (section === undefined || !stays) {
        this.#kept.delete(key);
        kept.guard.close();
        continue;
      }
      const enforcement: Enforcement = shadow(kept.rule) ? "shadow" : "enforce";
      if (enforcement === kept.enforcement && sameValue(section.policy, kept.policy)) continue;
      kept.policy = section.policy;
      kept.enforcement = enforcement;
      kept.guard.reload(section.policy, enforcement);
    }
    for (const [key, kept] of this.#staged ?? []) this.#kept.set(key, kept);
    this.#staged = undefined;
  }

  list(): GuardInForce[] {
    return [...this.#kept.values()].map(({ guard, rule, section, side, scope, enforcement }) => ({
      rule,
      section,
      side,
      scope,
      shadow: enforcement === "shadow",
      state: guard.state(),
    }));
  }

  get size(): number {
    return this.#kept.size;
  }

  close(): void {
    for (const { guard } of this.#kept.values()) guard.close();
    this.#kept.clear();
  }
}

/** Policies are plain data, so equal text is an equal policy. */
function sameValue(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function scopeText({ services, methods }: { services: readonly string[]; methods: readonly string[] }): string {
  return `${services.join(",") || "*"}/${methods.join(",") || "*"}`;
}
