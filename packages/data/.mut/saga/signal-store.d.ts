import { type Transaction } from "kysely";
import type { Signal } from "./saga.js";
import type { SagaTables } from "./saga-schema.js";
type Tx = Transaction<SagaTables>;
export interface NewSignal {
    readonly sagaId: string;
    readonly signalId: string;
    readonly event: string;
    readonly payload: string;
    readonly receivedAt: number;
}
/** False when the saga has had a signal of this id. */
export declare function insertSignal(tx: Tx, signal: NewSignal, status: "pending" | "late"): Promise<boolean>;
/** The oldest signal of one of these events that nobody has handled, with its place. */
export declare function nextSignal(tx: Tx, sagaId: string, events: readonly string[]): Promise<{
    readonly place: bigint;
    readonly signal: Signal;
} | undefined>;
export declare function markHandled(tx: Tx, place: bigint): Promise<void>;
/** All that nobody has handled, in order of arrival: they are late from now on. */
export declare function takeLate(tx: Tx, sagaId: string): Promise<readonly Signal[]>;
export {};
//# sourceMappingURL=signal-store.d.ts.map