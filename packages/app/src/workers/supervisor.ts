import type { CancelTimer, Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import { AppErrors } from "../errors.js";
import { defaultRestarts } from "../restarts.js";
import { settlesWithin } from "../time-limit.js";
import { type Answer, Asks } from "./asks.js";
import { Fleet } from "./fleet.js";
import type { Fork, ForkedWorker, WorkerEnd } from "./forked-worker.js";
import type { FromWorker, Subject } from "./messages.js";

export interface SupervisorOptions {
  readonly workers: number;
  readonly maxFailedStarts: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fork: Fork;
  /** Called when a worker becomes ready, leaves, or ends. */
  readonly onChange: (worker: Living, state: "ready" | "draining" | "ended") => void;
  /** Last figures that a worker sent by itself. */
  readonly onFigures: (worker: Living, body: string) => void;
  /** Called once, when a place is given up after the start; the service should stop. */
  readonly onGiveUp: (error: Error) => void;
}

/** A worker that lives. */
export interface Living {
  readonly place: number;
  /** Of the process; never used again. */
  readonly id: number;
  /** Where it can be reached; empty before it is ready. */
  addresses: Readonly<Record<string, string>>;
}

interface Member extends Living {
  readonly worker: ForkedWorker;
  readonly asks: Asks;
  readonly ended: Promise<void>;
  /** Whether it has said something: what is sent before it listens is lost. */
  listens: boolean;
  /** What it said of its end. */
  why: string;
}

/** Starts the workers of a service, replaces those that end, and stops them. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #fleet: Fleet;
  readonly #members = new Set<Member>();
  readonly #restarts = new Map<number, CancelTimer>();
  readonly #failures: Error[] = [];
  #stopping = false;
  #started: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(options: SupervisorOptions) {
    const { workers: size, maxFailedStarts } = options;
    this.#options = options;
    this.#fleet = new Fleet({ size, restarts: defaultRestarts, maxFailedStarts });
  }

  /** Workers that are ready now. */
  get ready(): number {
    return this.#fleet.ready;
  }

  /** Resolves when all are ready; rejects with `START_FAILED` when one of them cannot start. Called once. */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#started = { resolve, reject };
      for (let place = 1; place <= this.#options.workers; place++) this.#fork(place);
    });
  }

  /** Makes a start that is under way fail with `START_INTERRUPTED`. */
  interrupt(): void {
    this.#started?.reject(AppErrors.START_INTERRUPTED({ part: "the workers" }));
  }

  /** Asks all workers at once; one that gave no answer in time has none. */
  ask(subject: Subject, query: string, timeoutMs: number): Promise<{ worker: Living; answer: Answer | undefined }[]> {
    return Promise.all(
      [...this.#members]
        .filter(({ listens }) => listens)
        .map(async (worker) => ({ worker, answer: await worker.asks.ask(subject, query, timeoutMs) })),
    );
  }

  /**
   * Tells all workers to drain; resolves when the last has ended. What has not ended in `limitMs` is killed. Gives an
   * error for each that was killed, or did not end well.
   */
  async stop(limitMs: number): Promise<readonly Error[]> {
    this.#stopping = true;
    this.#fleet.stop();
    for (const cancel of this.#restarts.values()) cancel();
    const members = [...this.#members];
    for (const { worker } of members) worker.send({ kind: "stop" });
    const all = Promise.all(members.map(({ ended }) => ended));
    if (!(await settlesWithin(this.#options.clock, limitMs, all))) {
      for (const { place, worker } of this.#members) {
        const failure = AppErrors.CLOSE_TIMEOUT({ part: `worker ${place}`, ms: String(limitMs) });
        this.#options.logger.error("a worker did not stop in time and is killed", { place, pid: worker.pid });
        this.#failures.push(failure);
        worker.kill();
      }
      await all;
    }
    return this.#failures;
  }

  /** Ends all workers at once. */
  kill(): void {
    this.#stopping = true;
    this.#fleet.stop();
    for (const { worker } of this.#members) worker.kill();
  }

  #fork(place: number): void {
    const { clock, fork } = this.#options;
    let ended = (): void => {};
    const worker = fork(place, {
      onMessage: (message) => this.#heard(member, message),
      onEnd: (end) => {
        this.#ended(member, end);
        ended();
      },
    });
    const member: Member = {
      place,
      id: worker.id,
      addresses: {},
      worker,
      asks: new Asks(clock, (message) => worker.send(message)),
      ended: new Promise((resolve) => {
        ended = resolve;
      }),
      listens: false,
      why: "",
    };
    this.#members.add(member);
    this.#fleet.forked(place, clock.monotonic());
  }

  #heard(member: Member, message: FromWorker): void {
    const { onChange, onFigures, logger } = this.#options;
    if (!member.listens) {
      member.listens = true;
      if (this.#stopping) member.worker.send({ kind: "stop" });
    }
    if (message.kind === "answer") member.asks.answered(message);
    else if (message.kind === "figures") onFigures(member, message.body);
    else if (message.kind === "failed") member.why = message.why;
    else if (message.kind === "state" && message.state === "ready") {
      member.addresses = message.addresses;
      const back = this.#fleet.complete;
      this.#fleet.becameReady(member.place);
      onChange(member, "ready");
      if (back) logger.info("a worker is back", { place: member.place, pid: member.worker.pid });
      if (this.#fleet.complete) this.#started?.resolve();
    } else if (message.kind === "state" && message.state === "draining") {
      this.#fleet.left(member.place);
      onChange(member, "draining");
    }
  }

  #ended(member: Member, end: WorkerEnd): void {
    const { clock, logger, onChange, onGiveUp } = this.#options;
    const { place, worker } = member;
    this.#members.delete(member);
    member.asks.end();
    const next = this.#fleet.ended(place, clock.monotonic());
    onChange(member, "ended");
    const why = member.why === "" ? end.why : member.why;
    if (this.#stopping) {
      if (!end.clean) this.#failures.push(AppErrors.CLOSE_FAILED({ part: `worker ${place}`, why }));
      return;
    }
    if (next.kind === "give-up") {
      const times = next.failedStarts === 1 ? "once" : `${next.failedStarts} times in a row`;
      const error = AppErrors.START_FAILED({
        part: `worker ${place}`,
        why: `it ended ${times}, the last time: ${why}`,
      });
      if (this.#fleet.complete) onGiveUp(error);
      else this.#started?.reject(error);
    } else if (next.kind === "fork") {
      const { failures, waitMs } = next;
      logger.warn("a worker ended and is started again", { place, pid: worker.pid, why, failures, wait_ms: waitMs });
      const cancel = clock.timer(waitMs, () => {
        this.#restarts.delete(place);
        this.#fork(place);
      });
      this.#restarts.set(place, cancel);
    }
  }
}
