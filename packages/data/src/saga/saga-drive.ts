import { type Call, type Clock, CoreErrors, type Runtime } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { Transaction } from "kysely";
import type { Step, StepContext, StepResult, WaitResult, WaitStep } from "./saga.js";
import { decide, type SagaEvent } from "./saga-decider.js";
import { SagaErrors } from "./saga-errors.js";
import { type StepError, stepError } from "./saga-failure.js";
import type { SagaInstance } from "./saga-instance.js";
import type { Decision, Next, SagaStatus } from "./saga-progress.js";
import type { SagaTables } from "./saga-schema.js";
import { updateInstance } from "./saga-store.js";
import {
  circumstances,
  eventsOf,
  type Holder,
  type Registered,
  type Transition,
  writeDecision,
} from "./saga-transition.js";
import { decodeValue, encodeValue } from "./saga-value.js";
import { markHandled, nextSignal } from "./signal-store.js";

/** What a drive needs of its runner. */
export interface DriveHost {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly holder: Holder;
  readonly stateBytes: number;
  readonly transaction: <T>(work: (tx: Transaction<SagaTables>) => Promise<T>) => Promise<T>;
  readonly boundary: (point: string) => Promise<void>;
  /** A transition is durable. */
  readonly changed: (instance: SagaInstance) => void;
}

type Outcome =
  | { readonly ok: true; readonly result: StepResult<unknown, SagaTables> | undefined }
  | { readonly ok: false; readonly error: StepError };

const defaultTimeoutMs = 10_000;
/** After this time a step that ignores the end of its call is reported. */
const stubbornMs = 30_000;

/**
 * Takes one saga as far as it goes now: runs its steps until it waits, rests or ends. Holds the saga's lease meanwhile;
 * when the lease is lost the step's call is aborted and its result is thrown away.
 *
 * Each turn is: do (outside a transaction, on a root call), then write what came of it together with the start of what
 * follows. A step that ignores its abort is waited for, because the next attempt must not run beside it.
 */
export class SagaDrive {
  readonly id: string;
  readonly #registered: Registered;
  readonly #host: DriveHost;
  #instance: SagaInstance;
  #call: Call | undefined;
  #stopping = false;
  #aborted: "stopped" | "lost" | undefined;

  constructor(registered: Registered, instance: SagaInstance, host: DriveHost) {
    this.id = instance.id;
    this.#registered = registered;
    this.#instance = instance;
    this.#host = host;
  }

  get fence(): number {
    return this.#instance.fence;
  }

  /** Gives the saga back at the next step boundary. */
  stop(): void {
    this.#stopping = true;
  }

  /** Ends the step in work. `stopped`: in good order, the attempt does not count. `lost`: nothing may be written any more. */
  abort(why: "stopped" | "lost"): void {
    this.#stopping = true;
    if (this.#aborted !== "lost") this.#aborted = why;
    const text = why === "lost" ? "its lease was lost" : "the runner stops";
    this.#call?.abort(CoreErrors.CANCELLED({ method: this.#call.name, why: text }));
  }

  /** Never rejects. A saga that cannot be written is left to its lease: when that ends it is taken up again. */
  async run(next: Next | "claim"): Promise<void> {
    try {
      let todo = next;
      while (todo !== "rest" && todo !== "end" && this.#aborted !== "lost") todo = await this.#turn(todo);
    } catch (error) {
      const fields = { saga: this.#instance.saga, id: this.id, step: this.#instance.progress.step, error };
      if (SagaErrors.SAGA_LEASE_LOST.is(error))
        this.#host.logger.warn("a saga was taken over by another runner", fields);
      else this.#host.logger.error("a saga could not be written, and is tried again when its lease ends", fields);
    }
  }

  async #turn(todo: Next | "claim"): Promise<Next> {
    if (this.#stopping) return this.#write({ type: "released" });
    if (todo === "claim") return this.#write({ type: "claimed" });
    const { step } = this.#instance.progress;
    if (todo === "attend") {
      await this.#boundary(step, "before-attend");
      return this.#committed(step, "after-attend-commit", await this.#attend());
    }
    const undo = todo === "compensate";
    await this.#boundary(step, undo ? "before-compensate" : "before-run");
    const outcome = await this.#execute(step, undo);
    if (this.#aborted === "lost") return "rest";
    if (!outcome.ok && this.#aborted === "stopped") return this.#write({ type: "released" });
    await this.#boundary(step, undo ? "after-compensate" : "after-run");
    const next = await this.#settle(outcome, step, undo);
    return this.#committed(step, undo ? "after-compensate-commit" : "after-commit", next);
  }

  async #execute(name: string, undo: boolean): Promise<Outcome> {
    const { runtime } = this.#host;
    const { id, saga, origin, progress, state } = this.#instance;
    const { options } = this.#registered.saga.steps.find((step) => step.name === name) as Step<unknown, SagaTables>;
    const work = undo ? options.compensate : options.run;
    const idempotencyKey = `${id}/${name}${undo ? "/undo" : ""}`;
    const context: StepContext = { sagaId: id, step: name, attempt: progress.attempt, idempotencyKey };
    let running: Promise<unknown> | undefined;
    const attempt = runtime.run(
      { name: `saga/${saga}/${name}${undo ? "/undo" : ""}`, timeoutMs: options.timeoutMs ?? defaultTimeoutMs, origin },
      (call) => {
        this.#call = call;
        const result = Promise.resolve(work?.(decodeValue(state), call, context));
        running = result.catch(() => {});
        return result;
      },
    );
    try {
      return { ok: true, result: (await attempt) ?? undefined };
    } catch (thrown) {
      const error = stepError(name, thrown);
      // After a timeout or an abort the function may still run.
      const cancel = this.#host.clock.timer(stubbornMs, () => this.#complain(name), { background: true });
      await running;
      cancel();
      return { ok: false, error };
    } finally {
      this.#call = undefined;
    }
  }

  #complain(step: string): void {
    const fields = { saga: this.#instance.saga, id: this.id, step };
    this.#host.logger.error("a step goes on although its call has ended; its saga waits for it", fields);
  }

  /** Writes what came of a step; when that fails the step has failed. */
  async #settle(outcome: Outcome, step: string, undo: boolean): Promise<Next> {
    const failed = (error: StepError): SagaEvent =>
      undo ? { type: "compensation-failed", error } : { type: "failed", error };
    if (!outcome.ok) return this.#writeOr(failed(outcome.error));
    try {
      return await this.#write({ type: undo ? "compensated" : "succeeded" }, outcome.result);
    } catch (thrown) {
      if (SagaErrors.SAGA_LEASE_LOST.is(thrown)) throw thrown;
      return this.#writeOr(failed(stepError(step, thrown)));
    }
  }

  /** Takes one signal, or the end of the time, in one transaction. */
  async #attend(): Promise<Next> {
    const { step } = this.#instance.progress;
    try {
      return await this.#transition((tx, now) => this.#attendIn(tx, now));
    } catch (thrown) {
      if (SagaErrors.SAGA_LEASE_LOST.is(thrown)) throw thrown;
      return this.#writeOr({ type: "attend-failed", error: stepError(step, thrown) });
    }
  }

  async #attendIn(tx: Transaction<SagaTables>, now: number): Promise<Transition> {
    const { saga, plan } = this.#registered;
    const { progress } = this.#instance;
    const wait = saga.steps.find(({ name }) => name === progress.step);
    if (wait?.kind !== "wait") {
      return this.#store(
        tx,
        decide(plan, progress, { type: "claimed" }, this.#around(now, this.#instance.state)),
        this.#instance.state,
        now,
      );
    }
    const until = progress.waitUntil ?? Number.POSITIVE_INFINITY;
    const found = await nextSignal(tx, this.id, eventsOf(saga, progress.step));
    const state = decodeValue(this.#instance.state);
    // A signal that came in time counts, even when the runner looks at it later.
    const signal = found !== undefined && found.signal.receivedAt <= until ? found : undefined;
    if (signal === undefined && until > now) {
      const resting: Decision = { progress: { ...progress, dueAt: until }, next: "rest", history: [] };
      return this.#store(tx, resting, this.#instance.state, now);
    }
    const { options } = wait as WaitStep<unknown, SagaTables>;
    let result: WaitResult<unknown, SagaTables>;
    if (signal === undefined) {
      result = options.onTimeout?.(state) ?? { next: "fail" };
    } else {
      const handler = options.on[signal.signal.event] as NonNullable<(typeof options.on)[string]>;
      result = handler(state, signal.signal);
      await markHandled(tx, signal.place);
    }
    const error = result.error === undefined ? undefined : stepError(progress.step, result.error);
    const how = signal === undefined ? "timed-out" : "signalled";
    return this.#apply(tx, { type: "attended", how, next: result.next, error }, result, now);
  }

  #write(event: SagaEvent, result?: StepResult<unknown, SagaTables>): Promise<Next> {
    return this.#transition((tx, now) => this.#apply(tx, event, result, now));
  }

  /** Writes an event; when a hook of the saga makes that impossible, writes that the saga is stuck. */
  async #writeOr(event: SagaEvent): Promise<Next> {
    try {
      return await this.#write(event);
    } catch (thrown) {
      if (SagaErrors.SAGA_LEASE_LOST.is(thrown)) throw thrown;
      return this.#write({ type: "gave-up", error: stepError(this.#instance.progress.step, thrown) });
    }
  }

  async #transition(work: (tx: Transaction<SagaTables>, now: number) => Promise<Transition>): Promise<Next> {
    if (this.#aborted === "lost") throw SagaErrors.SAGA_LEASE_LOST({ id: this.id });
    const { instance, next } = await this.#host.transaction((tx) => work(tx, this.#host.clock.now()));
    this.#report(this.#instance.progress.status, instance);
    this.#instance = instance;
    this.#host.changed(instance);
    return next;
  }

  async #apply(
    tx: Transaction<SagaTables>,
    event: SagaEvent,
    result: StepResult<unknown, SagaTables> | undefined,
    now: number,
  ): Promise<Transition> {
    const { stateBytes } = this.#host;
    const text =
      result?.state === undefined ? this.#instance.state : encodeValue("state", this.id, result.state, stateBytes);
    await result?.commit?.(tx);
    const decision = decide(this.#registered.plan, this.#instance.progress, event, this.#around(now, text));
    return this.#store(tx, decision, text, now);
  }

  #store(tx: Transaction<SagaTables>, decision: Decision, text: string, now: number): Promise<Transition> {
    const { fence } = this.#instance;
    return writeDecision(tx, this.#registered, this.#host.holder, this.#instance, decision, text, now, (instance) =>
      updateInstance(tx, instance, fence),
    );
  }

  #around(now: number, stateText: string): ReturnType<typeof circumstances> {
    return circumstances(this.#registered.saga, stateText, now, this.#host.random());
  }

  #report(before: SagaStatus, { saga, id, progress, owner }: SagaInstance): void {
    const { status, step, attempt } = progress;
    const told = progress.error ?? progress.failure;
    if (told === undefined) return;
    const { logger } = this.#host;
    const fields = { saga, id, step, attempt, error: { code: told.code, reason: told.reason, message: told.message } };
    if (status === "stuck") logger.error("a saga is stuck and needs a person", fields);
    // A refusal is the business of whoever began the saga, who is told; only what is tried again hints at a fault.
    else if (status === "compensating" && before !== status) logger.info("a saga turns back", fields);
    // Let go of while it has work to do: it waits for its next attempt.
    else if (
      progress.error !== undefined &&
      owner === undefined &&
      (status === "running" || status === "compensating")
    ) {
      logger.warn("a step of a saga failed and is tried again", fields);
    }
  }

  async #committed(step: string, point: string, next: Next): Promise<Next> {
    await this.#boundary(step, point);
    return next;
  }

  #boundary(step: string, point: string): Promise<void> {
    return this.#host.boundary(`${this.#instance.saga}/${step}:${point}`);
  }
}
