import { type Call, CoreErrors } from "@sampan/core";
import { type SagaInstance, type SagaSnapshot, snapshotOf } from "./saga-instance.js";

type Predicate = (instance: SagaInstance, snapshot: SagaSnapshot) => boolean;

interface Waiter {
  readonly predicate: Predicate;
  readonly resolve: (snapshot: SagaSnapshot) => void;
  readonly reject: (error: unknown) => void;
}

/** Callers that wait for a saga to come to a point; woken by the transitions of this process. */
export class Waiters {
  readonly #byId = new Map<string, Set<Waiter>>();

  /** Resolves with the first snapshot that satisfies; rejects with the call's error when the call ends before. */
  wait(id: string, call: Call, predicate: Predicate): Promise<SagaSnapshot> {
    return new Promise<SagaSnapshot>((resolve, reject) => {
      if (call.settled) {
        reject(call.error ?? CoreErrors.CANCELLED({ method: call.name, why: "the call has settled" }));
        return;
      }
      const waiters = this.#byId.get(id) ?? new Set();
      const waiter: Waiter = { predicate, resolve, reject };
      waiters.add(waiter);
      this.#byId.set(id, waiters);
      call.onAbort(reject);
      call.onSettle(() => this.#remove(id, waiter));
    });
  }

  /** A transition of a saga is durable. */
  changed(instance: SagaInstance): void {
    const waiters = this.#byId.get(instance.id);
    if (waiters === undefined) return;
    const snapshot = snapshotOf(instance);
    for (const waiter of [...waiters]) {
      try {
        if (!waiter.predicate(instance, snapshot)) continue;
        waiter.resolve(snapshot);
      } catch (error) {
        // A predicate is its caller's; the saga goes on.
        waiter.reject(error);
      }
      this.#remove(instance.id, waiter);
    }
  }

  #remove(id: string, waiter: Waiter): void {
    const waiters = this.#byId.get(id);
    if (waiters === undefined) return;
    waiters.delete(waiter);
    if (waiters.size === 0) this.#byId.delete(id);
  }
}

/** It goes no further by itself, for now or for good. A wait step that has something to handle is not at rest. */
export function atRest({ progress, owner }: SagaInstance, now: number): boolean {
  if (progress.status === "waiting") return owner === undefined && (progress.dueAt ?? Number.POSITIVE_INFINITY) > now;
  return progress.status !== "running" && progress.status !== "compensating";
}
