import { type Call, type RpcError } from "@sampan/core";
import type { TransactionHandle } from "./transaction-handle.js";
/** `waiting` in the queue, `open` while its work runs, `decided` when only the commit is missing, `told` at the end. */
export type TicketState = "waiting" | "open" | "decided" | "told";
/**
 * One transaction, from the queue to its answer. The call may settle at any time: a waiting ticket is told so at once, an open one
 * ends its work (`open()` resolves) so that the queue can roll back first; a decided one goes on to its commit.
 */
export declare class Ticket {
    #private;
    state: TicketState;
    /** What the work threw, or what stopped it; undefined when it is to be committed. */
    failure: {
        readonly error: unknown;
    } | undefined;
    readonly call: Call;
    constructor(call: Call, answer: {
        readonly resolve: (value: unknown) => void;
        readonly reject: (error: unknown) => void;
    });
    /** Runs the work until it settles or the call does; then its handle is closed at once. Never rejects: see `failure`. */
    open(holder: string, handle: TransactionHandle, work: (handle: TransactionHandle) => Promise<unknown>): Promise<void>;
    /** Gives the answer. `error` is why the commit failed, and goes before what the work said: none of it has happened. */
    tell(error?: unknown): void;
    /** The call has settled, with its error if it failed. */
    callSettled(error: RpcError | undefined): void;
}
/** Tells tickets that their call has settled: one listener a call, because a long one may make any number of transactions. */
export declare class TicketsOfCalls {
    #private;
    add(ticket: Ticket): void;
    remove(ticket: Ticket): void;
}
/** Why work for a call that has settled is refused. */
export declare function callEnded(call: Call): RpcError;
//# sourceMappingURL=ticket.d.ts.map