import type { CallOrigin, Clock } from "@sampan/core";
import { type Transaction } from "kysely";
import type { SagaInstance } from "./saga-instance.js";
import { type AnySaga } from "./saga-plan.js";
import type { SagaTables } from "./saga-schema.js";
import type { Begun } from "./saga-claims.js";
import { type Holder, type Registered } from "./saga-transition.js";
type Tx = Transaction<SagaTables>;
/** How things enter the saga log from outside; each inside a transaction. */
export interface Entry {
    readonly registered: ReadonlyMap<string, Registered>;
    readonly holder: Holder;
    readonly clock: Clock;
    readonly random: () => number;
    readonly stateBytes: number;
}
export interface BeginRequest {
    readonly saga: AnySaga;
    readonly id: string;
    readonly state: unknown;
    readonly origin: CallOrigin;
    /** Leased at once: this runner has a place for it. */
    readonly held: boolean;
}
/** Undefined when the saga exists already. */
export declare function beginSaga(tx: Tx, entry: Entry, request: BeginRequest): Promise<Begun | undefined>;
export interface SignalRequest {
    /** Of the saga. */
    readonly id: string;
    readonly event: string;
    /** The same id is taken once, for the life of the saga: the callback's own number, for instance. */
    readonly signalId: string;
    /** Plain data, as a saga's state is. */
    readonly payload?: unknown;
}
export type SignalAnswer = "delivered" | "duplicate" | "late" | "unknown";
export declare function signalSaga(tx: Tx, entry: Entry, request: SignalRequest): Promise<SignalAnswer>;
export declare function retrySaga(tx: Tx, entry: Entry, id: string): Promise<SagaInstance>;
export {};
//# sourceMappingURL=saga-entry.d.ts.map