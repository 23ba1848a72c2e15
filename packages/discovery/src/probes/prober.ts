import type { CancelTimer, Clock } from "@sampan/core";
import type { Instance } from "@sampan/core/ports";
import type { ProbeBoard, ProbeResult } from "./board.js";
import { type ProbePolicy, sharedResultTtlMs } from "./policy.js";
import { ProbeSchedule, type Verdict } from "./schedule.js";

/** Asks an instance whether it works. Resolves when it does; rejects, or is given up by its signal, when it does not. */
export type Probe = (instance: Instance, signal: AbortSignal) => Promise<void>;

export interface ProberOptions {
  readonly service: string;
  readonly probe: Probe;
  readonly policy: ProbePolicy;
  readonly clock: Clock;
  readonly random: () => number;
  /** Without one this process probes every instance itself. */
  readonly board?: ProbeBoard | undefined;
  /** The name of this process on the board. */
  readonly owner: string;
  /** A verdict, or what it is made of, has changed. */
  readonly changed: () => void;
}

/** How many intervals a duty lasts; it is renewed at half of that. */
const dutyIntervals = 4;

/**
 * Probes the instances of one service: those whose duty this process has taken on, while it watches what others found
 * about the rest. A board that is away means that everybody probes for himself.
 */
export class Prober {
  readonly #options: ProberOptions;
  readonly #schedule: ProbeSchedule;
  readonly #instances = new Map<string, Instance>();
  /** Instances whose duty is ours. */
  readonly #duties = new Set<string>();
  readonly #published = new Map<string, { status: string; at: number }>();
  readonly #running = new Set<AbortController>();
  readonly #watch: { close(): void } | undefined;
  /** What others found, and when we heard of it: their clocks may differ from ours. */
  #shared = new Map<string, { readonly result: ProbeResult; readonly heardAt: number }>();
  #timer: CancelTimer | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #duty: CancelTimer | undefined;
  #closed = false;

  constructor(options: ProberOptions) {
    this.#options = options;
    this.#schedule = new ProbeSchedule(options.policy, options.random);
    this.#watch = options.board?.watch(options.service, (results) => {
      this.#hear(results);
      if (!this.#closed) options.changed();
    });
  }

  update(instances: readonly Instance[]): void {
    this.#instances.clear();
    for (const instance of instances) this.#instances.set(instance.id, instance);
    this.#letGo([...this.#duties.keys()].filter((id) => !this.#instances.has(id)));
    for (const id of this.#published.keys()) if (!this.#instances.has(id)) this.#published.delete(id);
    if (this.#options.board === undefined) this.#probeMine();
    else void this.#takeDuties();
  }

  /** What is known of an instance: of our own probes where the duty is ours, else of what its prober says. */
  verdict(id: string): Verdict {
    const own = this.#schedule.verdict(id);
    if (this.#isMine(id) && own !== "unknown") return own;
    const shared = this.#shared.get(id);
    if (shared !== undefined && this.#options.clock.monotonic() - shared.heardAt < sharedResultTtlMs)
      return shared.result.status;
    return own;
  }

  close(): void {
    this.#closed = true;
    this.#watch?.close();
    this.#timer?.();
    this.#duty?.();
    for (const controller of this.#running) controller.abort();
    this.#letGo([...this.#duties.keys()]);
  }

  #hear(results: ReadonlyMap<string, ProbeResult>): void {
    const before = this.#shared;
    const now = this.#options.clock.monotonic();
    this.#shared = new Map();
    for (const [id, result] of results) {
      const known = before.get(id);
      this.#shared.set(id, known?.result.ts === result.ts ? known : { result, heardAt: now });
    }
  }

  #isMine(id: string): boolean {
    return this.#options.board === undefined || this.#duties.has(id);
  }

  #letGo(ids: readonly string[]): void {
    const { board, service, owner } = this.#options;
    if (ids.length === 0) return;
    for (const id of ids) this.#duties.delete(id);
    // What is not given back ends by itself.
    board?.release(service, ids, owner).catch(() => {});
  }

  #probeMine(): void {
    if (this.#closed) return;
    const { clock } = this.#options;
    const mine = [...this.#instances.keys()].filter((id) => this.#isMine(id));
    this.#schedule.update(mine, clock.monotonic());
    this.#tick();
  }

  /** Asks for the duty of every instance: ours are prolonged, and what a dead prober has left is taken over. */
  async #takeDuties(): Promise<void> {
    this.#duty?.();
    const { board, service, owner, policy, clock } = this.#options;
    if (board === undefined || this.#closed) return;
    const ttlMs = policy.intervalMs * dutyIntervals;
    this.#duty = clock.timer(ttlMs / 2, () => void this.#takeDuties(), { background: true });
    const ids = [...this.#instances.keys()];
    // A board that does not answer leaves the probing to everybody.
    const ours = await board.claim(service, ids, owner, ttlMs).catch(() => new Set(ids));
    if (this.#closed) {
      this.#letGo([...ours]);
      return;
    }
    this.#duties.clear();
    for (const id of ours) if (this.#instances.has(id)) this.#duties.add(id);
    this.#probeMine();
  }

  #tick(): void {
    if (this.#closed) return;
    const { clock } = this.#options;
    for (const id of this.#schedule.due(clock.monotonic())) void this.#probe(id);
    const nextAt = this.#schedule.nextAt();
    if (nextAt === this.#timerAt) return;
    this.#timer?.();
    this.#timer = undefined;
    this.#timerAt = nextAt;
    if (nextAt === Number.POSITIVE_INFINITY) return;
    this.#timer = clock.timer(
      Math.max(1, Math.ceil(nextAt - clock.monotonic())),
      () => {
        this.#timerAt = Number.POSITIVE_INFINITY;
        this.#tick();
      },
      { background: true },
    );
  }

  async #probe(id: string): Promise<void> {
    const { clock, policy, probe } = this.#options;
    const instance = this.#instances.get(id);
    const controller = new AbortController();
    const startedAt = clock.monotonic();
    this.#running.add(controller);
    const ok = await new Promise<boolean>((resolve) => {
      const cancel = clock.timer(policy.cutOffMs, () => {
        resolve(false);
        controller.abort(new Error(`no answer within ${policy.cutOffMs} ms`));
      });
      controller.signal.addEventListener("abort", () => resolve(false), { once: true });
      const done = (result: boolean): void => {
        cancel();
        resolve(result);
      };
      if (instance === undefined) done(false);
      else
        probe(instance, controller.signal).then(
          () => done(true),
          () => done(false),
        );
    });
    this.#running.delete(controller);
    if (this.#closed) return;
    const changed = this.#schedule.ended(id, ok);
    this.#share(id, { status: ok ? "up" : "down", rt: clock.monotonic() - startedAt, ts: clock.now() });
    if (changed) this.#options.changed();
    this.#tick();
  }

  /** When the verdict has changed, and often enough that it does not run out. */
  #share(id: string, result: ProbeResult): void {
    const { board, service, clock } = this.#options;
    const verdict = this.#schedule.verdict(id);
    if (board === undefined || verdict === "unknown") return;
    const last = this.#published.get(id);
    const now = clock.monotonic();
    if (last !== undefined && last.status === verdict && now - last.at < sharedResultTtlMs / 3) return;
    this.#published.set(id, { status: verdict, at: now });
    board.publish(service, new Map([[id, { ...result, status: verdict }]]), sharedResultTtlMs).catch(() => {
      this.#published.delete(id);
    });
  }
}
