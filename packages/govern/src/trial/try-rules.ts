import {
  Call,
  type Code,
  codeName,
  type Handler,
  type Method,
  messageFromJson,
  RpcError,
  Runtime,
  superviseUnary,
} from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import type { Broker } from "@sampan/core/ports";
import type { RecordedCall } from "../recorder/index.js";
import { stableRelease } from "../rules/matching/attributes.js";
import type { RuleSet } from "../rules/model.js";
import type { Side } from "../rules/section.js";
import type { Stack } from "../rules/stack/element.js";
import { type GovernPorts, governStack } from "../rules/stack/govern-stack.js";
import { Governor } from "../rules/stack/governor.js";
import type { GuardEvent } from "../rules/stack/report.js";
import { trialMethod } from "./trial-method.js";
import { VirtualClock } from "./virtual-clock.js";

export interface TrialOptions {
  /** Contracts by method, `order.v1.OrderService/CreateOrder`; without one, rules that need messages do nothing. */
  readonly methodOf?: (name: string) => Method | undefined;
  /** The guards that decide. Default: the real ones. */
  readonly stackOf?: (ports: GovernPorts) => Stack;
  /** Instants of an event that are listed. Default 20. */
  readonly maxInstants?: number;
}

/** What a rule would have done to calls of a method. */
export interface TrialEvent {
  readonly rule: string;
  readonly section: string;
  /** Empty for what a rule did to no call in particular. */
  readonly method: string;
  /** `refused: rate`, `retried`, `opened`, … */
  readonly what: string;
  readonly count: number;
  /** ISO 8601. */
  readonly first: string;
  readonly last: string;
  /** The first of its instants. */
  readonly instants: readonly string[];
}

/** Calls of a method whose end would have been another. */
export interface TrialOutcome {
  readonly method: string;
  /** `ok`, or the name of the code and the reason. */
  readonly recorded: string;
  readonly replayed: string;
  readonly count: number;
}

export interface TrialReport {
  readonly calls: number;
  /** When the recording begins and ends, ISO 8601; empty without calls. */
  readonly from: string;
  readonly to: string;
  readonly events: readonly TrialEvent[];
  readonly changed: readonly TrialOutcome[];
  /** Rules that cannot hold for methods they match, and why. */
  readonly misfits: readonly string[];
}

/**
 * Sends recorded calls through the guards of a rule set, at the times at which they came, and tells what would have been
 * different. Time is virtual and chance is seeded: the same recording and rules always give the same report.
 *
 * A try takes as long and ends as was recorded. How a second try would have ended nobody knows: it ends as the next
 * recorded call of the method did. Bodies are not recorded: every request is empty, so keys of the kind `field:` and
 * `header:` are, and any earlier answer of a method counts as the last good one. The event loop counts as idle, so
 * nothing is shed. What is enqueued goes nowhere.
 */
export async function tryRules(
  rules: RuleSet,
  recorded: readonly RecordedCall[],
  options: TrialOptions = {},
): Promise<TrialReport> {
  // By time; equal times in the order of the recording.
  const calls = recorded.toSorted((a, b) => a.at - b.at);
  const first = calls[0];
  if (first === undefined) return { calls: 0, from: "", to: "", events: [], changed: [], misfits: [] };
  const replay = new Replay(rules, calls, options);
  await replay.run();
  return replay.report();
}

const nowhere = { publish: async () => {}, close: async () => {} } as unknown as Broker;
const idleLoop = { turnMs: 0, delayMs: 0, enter: () => {} };
/** After the last call, for what still waits and retries. */
const afterwardsMs = 600_000;

class Replay {
  readonly #calls: readonly RecordedCall[];
  readonly #options: TrialOptions;
  readonly #clock: VirtualClock;
  readonly #governor: Governor;
  readonly #events = new Map<
    string,
    { readonly event: GuardEvent; count: number; readonly at: number[]; last: number }
  >();
  readonly #changed = new Map<string, { readonly outcome: Omit<TrialOutcome, "count">; count: number }>();
  readonly #handlers = new Map<string, Handler>();
  readonly #runtimes = new Map<string, Runtime>();
  /** For each call, the next of its method. */
  readonly #next = new Map<RecordedCall, RecordedCall>();
  /** What a call and its further tries end as. */
  readonly #scripts = new WeakMap<object, RecordedCall>();

  constructor(rules: RuleSet, calls: readonly RecordedCall[], options: TrialOptions) {
    this.#calls = calls;
    this.#options = options;
    this.#clock = new VirtualClock((calls[0] as RecordedCall).at);
    const clock = this.#clock;
    const stack = (options.stackOf ?? governStack)({
      loop: idleLoop,
      keyValue: memoryKeyValue({ clock }),
      broker: nowhere,
    });
    const random = seeded();
    this.#governor = new Governor({ stack: careful(stack), clock, random, observe: (event) => this.#note(event) });
    this.#governor.load(rules);
    const latest = new Map<string, RecordedCall>();
    for (const call of calls.toReversed()) {
      const after = latest.get(call.method);
      if (after !== undefined) this.#next.set(call, after);
      latest.set(call.method, call);
    }
  }

  async run(): Promise<void> {
    for (const call of this.#calls) {
      await this.#clock.advanceTo(call.at);
      this.#send(call);
    }
    await this.#clock.advanceTo(this.#clock.now() + afterwardsMs);
  }

  report(): TrialReport {
    const iso = (at: number): string => new Date(at).toISOString();
    const { maxInstants = 20 } = this.#options;
    const last = this.#calls[this.#calls.length - 1] as RecordedCall;
    const events = [...this.#events.values()].map(({ event, count, at, last }) => ({
      rule: event.rule,
      section: event.section,
      method: event.method,
      what: event.refused ? `refused: ${event.what}` : event.what,
      count,
      first: iso(at[0] as number),
      last: iso(last),
      instants: at.slice(0, maxInstants).map(iso),
    }));
    const { misfits } = this.#governor.state();
    this.#governor.close();
    return {
      calls: this.#calls.length,
      from: iso((this.#calls[0] as RecordedCall).at),
      to: iso(last.at),
      events: events.sort((a, b) => compare(keyOf(a), keyOf(b))),
      changed: [...this.#changed.values()]
        .map(({ outcome, count }) => ({ ...outcome, count }))
        .sort((a, b) => compare(`${a.method} ${a.recorded} ${a.replayed}`, `${b.method} ${b.recorded} ${b.replayed}`)),
      misfits,
    };
  }

  #send(recorded: RecordedCall): void {
    const { handler, method } = this.#handlerOf(recorded);
    const now = this.#clock.now();
    const call = new Call({
      runtime: this.#runtimeOf(recorded),
      side: recorded.side,
      name: method.path,
      method,
      deadline: now + recorded.timeoutMs,
      peer: { identity: recorded.side === "server" ? recorded.caller : "", address: "" },
      user: recorded.user === "" ? undefined : { subject: recorded.user, roles: [] },
      tenant: recorded.tenant,
      releaseTag: recorded.release === stableRelease ? "" : recorded.release,
      baggage: new Map(Object.entries(recorded.labels)),
    });
    // Tries are calls of their own with the same request, which is how they find their script.
    const request = emptyMessage(method, method.input) as object;
    this.#scripts.set(request, recorded);
    const before = recorded.code === 0 ? "ok" : outcomeText(recorded.code, recorded.reason);
    call.onSettle((error) => {
      const after = error === undefined ? "ok" : outcomeText(error.code, error.reason);
      if (after !== before) this.#change({ method: recorded.method, recorded: before, replayed: after });
    });
    superviseUnary(handler, request, call).catch(() => {});
  }

  #handlerOf(recorded: RecordedCall): { readonly handler: Handler; readonly method: Method } {
    const key = `${recorded.side} ${recorded.idempotent} ${recorded.method}`;
    const known = this.#handlers.get(key);
    if (known !== undefined) return { handler: known, method: (known as Handler & { method: Method }).method };
    const method = trialMethod(recorded, this.#options.methodOf?.(recorded.method));
    const layer = recorded.side === "client" ? this.#governor.client : this.#governor.server;
    const handler = Object.assign(
      layer((request) => this.#answer(request as object, method), method),
      { method },
    );
    this.#handlers.set(key, handler);
    return { handler, method };
  }

  /** One try: ends as recorded, and leaves the next recorded call of the method to the try after it. */
  #answer(request: object, method: Method): Promise<unknown> {
    const script = this.#scripts.get(request) as RecordedCall;
    this.#scripts.set(request, this.#next.get(script) ?? script);
    return new Promise((resolve, reject) => {
      this.#clock.timer(script.durationMs, () => {
        if (script.code === 0) resolve(emptyMessage(method, method.output));
        else reject(new RpcError(script.code as Code, "as recorded"));
      });
    });
  }

  #runtimeOf({ side, caller }: RecordedCall): Runtime {
    const name = side === "client" ? caller : "served";
    let runtime = this.#runtimes.get(name);
    if (runtime === undefined) {
      const connect = (): never => {
        throw new TypeError("a trial calls nobody");
      };
      runtime = new Runtime({ name, connect, clock: this.#clock });
      this.#runtimes.set(name, runtime);
    }
    return runtime;
  }

  #note(event: GuardEvent): void {
    const now = this.#clock.now();
    const key = `${event.rule}/${event.section} ${event.method} ${event.refused} ${event.what}`;
    const known = this.#events.get(key);
    if (known === undefined) {
      this.#events.set(key, { event, count: 1, at: [now], last: now });
      return;
    }
    known.count++;
    known.last = now;
    if (known.at.length < (this.#options.maxInstants ?? 20)) known.at.push(now);
  }

  #change(outcome: Omit<TrialOutcome, "count">): void {
    const key = `${outcome.method} ${outcome.recorded} ${outcome.replayed}`;
    const known = this.#changed.get(key);
    if (known === undefined) this.#changed.set(key, { outcome, count: 1 });
    else known.count++;
  }
}

/** Without its contract a policy may not even be able to say whether it fits. */
function careful(stack: Stack): Stack {
  const guarded = (elements: Stack[Side]): Stack[Side] =>
    elements.map((element) => ({
      ...element,
      misfit: (policy: unknown, method: Method) => {
        try {
          return element.misfit?.(policy, method);
        } catch {
          return "the contract is not known here";
        }
      },
    }));
  return { client: guarded(stack.client), server: guarded(stack.server) };
}

/** Of a contract that is not known, an object that stands for the message. */
function emptyMessage(method: Method, type: Method["input"]): unknown {
  return type.typeName === "" || method.desc.parent === undefined ? {} : messageFromJson(type, {});
}

function outcomeText(code: number, reason: string): string {
  const name = codeName(code as Code);
  return reason === "" ? name : `${name} ${reason}`;
}

function keyOf({ rule, section, method, what }: TrialEvent): string {
  return `${rule} ${section} ${method} ${what}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A linear congruential generator (Numerical Recipes): chance that is the same each time. */
function seeded(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
