import { type Call, type CancelTimer, type Clock, type Layer, type Method, RpcError, systemClock } from "@sampan/core";
import type { Gauge, Logger, Meter } from "@sampan/core/ports";
import { RuleErrors } from "../error.js";
import { activeRules, compileRules } from "../matching/active-rules.js";
import type { CompiledRule } from "../matching/compiled-rule.js";
import type { RuleSet } from "../model.js";
import type { Side } from "../section.js";
import type { Stack } from "./element.js";
import { type GuardInForce, GuardStore } from "./guard-store.js";
import { MethodSlot } from "./method-slot.js";
import { findMisfits, type Misfits } from "./misfits.js";
import { type GuardEvent, guardReports } from "./report.js";
import { type EndpointRules, type PreparedService, ServiceSlot } from "./service-slot.js";

export interface GovernorOptions {
  readonly stack: Stack;
  readonly clock?: Clock;
  /** In [0, 1). Default `Math.random`. */
  readonly random?: () => number;
  readonly meter?: Meter;
  readonly logger?: Logger;
  /** Handlers that are kept for each method for calls with different attributes. Default 10,000. */
  readonly maxKeys?: number;
  /** Told of everything out of the ordinary that guards do. Must not throw. */
  readonly observe?: (event: GuardEvent) => void;
}

const maxSleepMs = 60_000;

/** The handlers and guards that rules ask for, in the order of the slots. */
interface Prepared {
  readonly methods: readonly ReturnType<MethodSlot["prepare"]>[];
  readonly services: readonly PreparedService[];
}

/** What is in force, for operators. */
export interface GovernorState {
  readonly revision: string;
  readonly rules: number;
  /** Names of the rules that hold now. */
  readonly active: readonly string[];
  /** Why newer rules are not in force; undefined when the last ones that came are. */
  readonly rejected: { readonly revision: string; readonly why: string } | undefined;
  readonly guards: readonly GuardInForce[];
  /** Sections that cannot hold for a method that their rule matches, and why. */
  readonly misfits: readonly string[];
}

/**
 * Puts rules in force in this process: its two layers wrap every method once, and `load` changes what they do from the
 * next call on, all methods at once. Calls in work keep what they began with. The governor switches rules that hold in
 * time windows by itself.
 */
export class Governor {
  readonly #options: GovernorOptions;
  readonly #clock: Clock;
  readonly #guards: GuardStore;
  readonly #slots: MethodSlot[] = [];
  readonly #services = new Map<string, ServiceSlot>();
  readonly #methods: Readonly<Record<Side, Set<Method>>> = { client: new Set(), server: new Set() };
  readonly #loaded = new Set<() => void>();
  readonly #gauges: { readonly rules: Gauge; readonly active: Gauge; readonly rejected: Gauge } | undefined;
  #set: RuleSet = { rules: [] };
  #compiled: readonly CompiledRule[] = [];
  #active: readonly CompiledRule[] = [];
  #revision = "";
  #rejected: { readonly revision: string; readonly why: string } | undefined;
  #cancel: CancelTimer = () => {};
  #closed = false;
  /** The call that is being sent through the stack, until its handler has returned or begun to wait. */
  #current: Call | undefined;

  constructor(options: GovernorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { meter, random = Math.random, observe } = options;
    this.#guards = new GuardStore({
      clock: this.#clock,
      random,
      reportOf: guardReports({ meter, observe, current: () => this.#current }),
    });
    if (meter !== undefined) {
      this.#gauges = {
        rules: meter.gauge({ name: "govern_rules", help: "Rules that are loaded." }),
        active: meter.gauge({ name: "govern_rules_active", help: "Rules that hold now." }),
        rejected: meter.gauge({ name: "govern_rules_rejected", help: "1 while newer rules are not in force." }),
      };
    }
  }

  /** For the calls that this process makes. */
  get client(): Layer {
    return this.#layer("client");
  }

  /** For the calls that this process serves. */
  get server(): Layer {
    return this.#layer("server");
  }

  /** What rules say of the instances of a service, for whoever chooses among them; the same object each time. */
  endpoints(service: string): EndpointRules {
    let slot = this.#services.get(service);
    if (slot === undefined) {
      slot = new ServiceSlot(service, this.#options.stack.endpoints ?? [], this.#guards);
      slot.adopt(slot.prepare(this.#active));
      this.#services.set(service, slot);
    }
    return slot;
  }

  /** Methods that this process will have to do with: a rule set that cannot hold for them is refused when it comes. */
  know(side: Side, methods: Iterable<Method>): void {
    for (const method of methods) this.#methods[side].add(method);
  }

  /** Called whenever another rule set is in force. Returns what ends that. */
  onLoad(listener: () => void): () => void {
    this.#loaded.add(listener);
    return () => this.#loaded.delete(listener);
  }

  /**
   * Puts a rule set in force, as a whole. Guards of a rule, section and scope that stay keep their state. Throws
   * `RULES_UNFIT` when a section asks for what this process or the named methods cannot do, and what a guard throws when
   * it cannot be made; then nothing has changed.
   */
  load(set: RuleSet, revision = ""): void {
    if (this.#closed) return;
    const compiled = compileRules(set);
    const { rules, until } = activeRules(compiled, this.#clock.now());
    this.#guards.stage();
    let prepared: Prepared;
    try {
      const { fatal } = this.#misfits(compiled);
      if (fatal.length > 0) throw RuleErrors.RULES_UNFIT({ problems: fatal.join("\n") });
      prepared = this.#prepare(rules);
    } catch (thrown) {
      this.#guards.rollback();
      this.reject(thrown, revision);
      throw thrown;
    }
    const byName = new Map(set.rules.map((rule) => [rule.name, rule]));
    this.#guards.commit(
      (rule, section) => byName.get(rule)?.sections.get(section),
      (rule) => byName.get(rule)?.shadow ?? false,
    );
    this.#set = set;
    this.#compiled = compiled;
    this.#revision = revision;
    this.#rejected = undefined;
    this.#swap(rules, prepared);
    this.#wakeAt(until);
    for (const misfit of this.#misfits(compiled).all)
      this.#options.logger?.warn("a rule does not fit a method", { misfit });
    this.#options.logger?.info("rules in force", { rules: set.rules.length, active: rules.length, revision });
    for (const listener of this.#loaded) listener();
  }

  /** Newer rules came that cannot be put in force: those before stay, and the reason is kept for operators. */
  reject(error: unknown, revision = ""): void {
    const why = error instanceof Error ? error.message : String(error);
    this.#rejected = { revision, why };
    this.#gauges?.rejected.set(1);
    this.#options.meter
      ?.counter(
        { name: "govern_reload_failures_total", help: "Rule sets that were not put in force." },
        { reason: reasonOf(error) },
      )
      .add();
    this.#options.logger?.error("the new rules are not in force; those before stay", { revision, why });
  }

  state(): GovernorState {
    return {
      revision: this.#revision,
      rules: this.#set.rules.length,
      active: this.#active.map(({ rule }) => rule.name),
      rejected: this.#rejected,
      guards: this.#guards.list(),
      misfits: this.#misfits(this.#compiled).all,
    };
  }

  /** The rules that are loaded, for `explain`. */
  get rules(): RuleSet {
    return this.#set;
  }

  /** Lets go of timers and of calls that wait; from then on every call passes as it comes. */
  close(): void {
    this.#closed = true;
    this.#cancel();
    for (const slot of this.#slots) slot.untouched = true;
    for (const slot of this.#services.values()) slot.adopt({ gates: [], balancer: undefined });
    this.#guards.close();
  }

  #layer(side: Side): Layer {
    return (next, method) => {
      const { stack, maxKeys = 10_000 } = this.#options;
      const slot = new MethodSlot({ method, side, next, elements: stack[side], guards: this.#guards, maxKeys });
      Object.assign(slot, slot.prepare(this.#active));
      this.#slots.push(slot);
      this.#methods[side].add(method);
      // Hot path (bench `govern`): a method without rules costs one comparison.
      return (request, call) => {
        if (slot.untouched) return next(request, call);
        const before = this.#current;
        this.#current = call;
        try {
          return slot.handler(request, call);
        } finally {
          this.#current = before;
        }
      };
    };
  }

  #prepare(rules: readonly CompiledRule[]): Prepared {
    return {
      methods: this.#slots.map((slot) => slot.prepare(rules)),
      services: [...this.#services.values()].map((slot) => slot.prepare(rules)),
    };
  }

  #swap(rules: readonly CompiledRule[], { methods, services }: Prepared): void {
    this.#active = rules;
    for (const [index, slot] of this.#slots.entries()) Object.assign(slot, methods[index]);
    for (const [index, slot] of [...this.#services.values()].entries()) slot.adopt(services[index] as PreparedService);
    this.#gauges?.rules.set(this.#set.rules.length);
    this.#gauges?.active.set(rules.length);
    this.#gauges?.rejected.set(0);
  }

  #wakeAt(until: number | undefined): void {
    this.#cancel();
    if (until === undefined) return;
    // Asked again every minute, because the machine's clock may be set meanwhile.
    const wait = Math.min(maxSleepMs, Math.max(0, until - this.#clock.now()));
    this.#cancel = this.#clock.timer(wait, () => this.#turn(), { background: true });
  }

  /** A time window may have begun or ended. */
  #turn(): void {
    const { rules, until } = activeRules(this.#compiled, this.#clock.now());
    this.#wakeAt(until);
    const same = rules.length === this.#active.length && rules.every((rule, index) => rule === this.#active[index]);
    if (same) return;
    this.#swap(rules, this.#prepare(rules));
    this.#options.logger?.info("rules changed with the time", { active: rules.length });
  }

  #misfits(rules: readonly CompiledRule[]): Misfits {
    return findMisfits(rules, this.#options.stack, this.#methods);
  }
}

function reasonOf(error: unknown): string {
  return RpcError.from(error).reason || "OTHER";
}

/** The layer around the calls that a process makes. */
export function governClient(governor: Governor): Layer {
  return governor.client;
}

/** The layer around the calls that a process serves. */
export function governServer(governor: Governor): Layer {
  return governor.server;
}
