import type { Transaction } from "kysely";
import { decide } from "./saga-decider.js";
import type { SagaInstance } from "./saga-instance.js";
import type { Next } from "./saga-progress.js";
import type { SagaTables } from "./saga-schema.js";
import { loadDue, loadMany, nextDueAt, updateInstance } from "./saga-store.js";
import { circumstances, type Holder, type Registered, writeDecision } from "./saga-transition.js";

/** A saga that this runner holds from now on, and what to do with it. */
export interface Taken {
  readonly instance: SagaInstance;
  readonly next: Next | "claim";
}

/** A saga that was begun in a transaction which may have been rolled back. */
export interface Begun {
  readonly fence: number;
  readonly next: Next;
}

export interface ClaimRequest {
  readonly registered: ReadonlyMap<string, Registered>;
  readonly holder: Holder;
  readonly begun: ReadonlyMap<string, Begun>;
  /** In work in this process. */
  readonly busy: readonly string[];
  readonly limit: number;
  readonly now: number;
}

export interface Claims {
  readonly taken: readonly Taken[];
  /** When to look again; undefined when nothing will be due. */
  readonly nextDue: number | undefined;
}

/**
 * Takes sagas up, in one transaction: those begun here whose transaction has committed, and the longest due ones. A due
 * saga gets a newer fence, so that a runner which held it before can write nothing any more; where that is all there is
 * to it, its next attempt is counted at once. No code of the saga runs here: it could spoil the claims of the others.
 */
export async function claimSagas(tx: Transaction<SagaTables>, request: ClaimRequest): Promise<Claims> {
  const { registered, begun, busy, now, limit } = request;
  const taken: Taken[] = [];
  if (begun.size > 0) {
    for (const instance of await loadMany(tx, [...begun.keys()])) {
      const entry = begun.get(instance.id);
      if (entry?.fence === instance.fence && instance.owner === request.holder.owner)
        taken.push({ instance, next: entry.next });
    }
  }
  const names = [...registered.keys()];
  if (limit > 0) {
    for (const instance of await loadDue(tx, names, [...busy, ...begun.keys()], now, limit)) {
      taken.push(await claimOne(tx, instance, request));
    }
  }
  return { taken, nextDue: await nextDueAt(tx, names) };
}

async function claimOne(tx: Transaction<SagaTables>, before: SagaInstance, request: ClaimRequest): Promise<Taken> {
  const { holder, now } = request;
  const registered = request.registered.get(before.saga) as Registered;
  const fenced: SagaInstance = { ...before, fence: before.fence + 1 };
  const write = (instance: SagaInstance): Promise<boolean> => updateInstance(tx, instance, before.fence);
  const decision = decide(
    registered.plan,
    before.progress,
    { type: "claimed" },
    circumstances(registered.saga, before.state, now, 0),
  );
  if (decision.progress.status === before.progress.status && decision.next !== "end") {
    return writeDecision(tx, registered, holder, fenced, decision, before.state, now, write);
  }
  const instance: SagaInstance = {
    ...fenced,
    owner: holder.owner,
    progress: { ...before.progress, dueAt: now + holder.leaseMs },
  };
  await write(instance);
  return { instance, next: "claim" };
}
