import type { Transaction } from "kysely";
import type { SagaInstance } from "./saga-instance.js";
import type { AnySaga } from "./saga-plan.js";
import { type Circumstances, type Decision, type Next, type Plan } from "./saga-progress.js";
import type { SagaTables } from "./saga-schema.js";
/** A definition with its plan. */
export interface Registered {
    readonly saga: AnySaga;
    readonly plan: Plan;
}
/** Who writes: the runner that holds the lease, and for how long from now. */
export interface Holder {
    readonly owner: string;
    readonly leaseMs: number;
}
export interface Transition {
    readonly instance: SagaInstance;
    readonly next: Next;
}
export declare function circumstances(saga: AnySaga, state: unknown, now: number, random: number): Circumstances;
/**
 * Writes a decision inside a transaction: `write` stores the row (an insert, or an update behind the fence), and in the
 * same transaction go the history, the hooks of the saga's end, and the signals that have become late. Throws
 * `SAGA_LEASE_LOST` when `write` finds a newer fence: nothing of it may be written then.
 */
export declare function writeDecision(tx: Transaction<SagaTables>, { saga }: Registered, holder: Holder, before: SagaInstance, decision: Decision, stateText: string, now: number, write: (instance: SagaInstance) => Promise<boolean>): Promise<Transition>;
/** The events that a wait step takes. */
export declare function eventsOf(saga: AnySaga, step: string): readonly string[];
//# sourceMappingURL=saga-transition.d.ts.map