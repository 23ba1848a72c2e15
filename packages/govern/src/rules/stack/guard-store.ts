import type { Method } from "@sampan/core";
import type { Enforcement, Guard, GuardContext, GuardReport, GuardState } from "../../guard.js";
import type { Candidate } from "../matching/choose.js";
import type { SectionScope, Side } from "../section.js";
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

/** What a guard is asked for: a method, or a service as a whole. */
export interface Place {
  readonly service: string;
  readonly method?: Method;
}

interface Kept {
  readonly guard: Guard<unknown>;
  readonly rule: string;
  readonly section: string;
  readonly side: Side;
  readonly scope: string;
  /** How far a policy's guard reaches; one that reaches elsewhere after a reload begins anew. */
  readonly reach: (policy: unknown) => SectionScope["over"];
  /** The section of the same rule that it shares something with; one that comes or goes makes another guard. */
  readonly beside: string | undefined;
  readonly hasBeside: boolean;
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

  guard(element: StackElement, candidate: Candidate, place: Place): Guard<unknown> {
    const { rule, section } = candidate;
    const { service, method } = place;
    const { policy, side } = section;
    const { name } = rule.rule;
    const enforcement: Enforcement = rule.rule.shadow ? "shadow" : "enforce";
    const reach = (of: unknown) => element.kind.section.scope?.(of).over ?? "rule";
    const over = reach(policy);
    const scope =
      over === "method"
        ? `${service}/${method?.name ?? "*"}`
        : over === "service"
          ? `${service}/*`
          : scopeText(rule.rule.match);
    const beside = element.beside?.element.kind.section.name;
    const hasBeside = beside !== undefined && rule.rule.sections.has(beside);
    const key = [name, element.name, side, over, over === "rule" ? "" : scope, hasBeside].join("\n");
    const known = this.#kept.get(key) ?? this.#staged?.get(key);
    if (known !== undefined) return known.guard;
    const { clock, random, reportOf } = this.#options;
    const report = reportOf(name, section.name, over === "method" ? method : undefined);
    const context: GuardContext = { rule: `${name}/${section.name}`, scope, clock, random, report };
    const guard: Guard<unknown> = hasBeside
      ? this.#makeBeside(element, candidate, place, context)
      : element.kind.make(policy, enforcement, context);
    const parts = { reach, beside, hasBeside };
    const kept = { guard, rule: name, section: section.name, side, scope, ...parts, policy, enforcement };
    (this.#staged ?? this.#kept).set(key, kept);
    return guard;
  }

  #makeBeside(element: StackElement, candidate: Candidate, place: Place, context: GuardContext): Guard<unknown> {
    const { element: other, make } = element.beside as NonNullable<StackElement["beside"]>;
    const { rule } = candidate.rule;
    const section = rule.sections.get(other.kind.section.name) as Candidate["section"];
    const guard = this.guard(other, { ...candidate, section }, place);
    return make(candidate.section.policy, rule.shadow ? "shadow" : "enforce", context, guard);
  }

  stage(): void {
    this.#staged = new Map();
  }

  rollback(): void {
    for (const { guard } of this.#staged?.values() ?? []) guard.close();
    this.#staged = undefined;
  }

  /** `sectionOf` finds what the new rules say of a section; undefined when they no longer have it. */
  commit(
    sectionOf: (rule: string, section: string) => Candidate["section"] | undefined,
    shadow: (rule: string) => boolean,
  ): void {
    for (const [key, kept] of this.#kept) {
      const section = sectionOf(kept.rule, kept.section);
      const stays =
        section?.side === kept.side &&
        kept.reach(section.policy) === kept.reach(kept.policy) &&
        (kept.beside === undefined || kept.hasBeside === (sectionOf(kept.rule, kept.beside) !== undefined));
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
