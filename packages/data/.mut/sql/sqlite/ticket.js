import { CoreErrors } from "@sampan/core";
/**
 * One transaction, from the queue to its answer. The call may settle at any time: a waiting ticket is told so at once, an open one
 * ends its work (`open()` resolves) so that the queue can roll back first; a decided one goes on to its commit.
 */
export class Ticket {
    state = "waiting";
    /** What the work threw, or what stopped it; undefined when it is to be committed. */
    failure;
    call;
    #value;
    #end;
    #answer;
    constructor(call, answer) {
        this.call = call;
        this.#answer = answer;
    }
    /** Runs the work until it settles or the call does; then its handle is closed at once. Never rejects: see `failure`. */
    open(holder, handle, work) {
        this.state = "open";
        const release = this.call.hold(holder);
        return new Promise((end) => {
            this.#end = (stopped) => {
                this.#end = undefined;
                handle.close(stopped);
                this.state = "decided";
                release();
                end();
            };
            started(() => work(handle)).then((value) => {
                if (this.#end === undefined)
                    return;
                this.#value = value;
                this.#end();
            }, (error) => {
                if (this.#end === undefined)
                    return;
                this.failure = { error };
                this.#end();
            });
        });
    }
    /** Gives the answer. `error` is why the commit failed, and goes before what the work said: none of it has happened. */
    tell(error) {
        if (this.state === "told")
            return;
        this.state = "told";
        if (error !== undefined)
            this.#answer.reject(error);
        else if (this.failure !== undefined)
            this.#answer.reject(this.failure.error);
        else
            this.#answer.resolve(this.#value);
    }
    /** The call has settled, with its error if it failed. */
    callSettled(error) {
        if (this.state !== "waiting" && this.state !== "open")
            return;
        const stopped = error ?? callEnded(this.call);
        this.failure = { error: stopped };
        if (this.state === "open")
            this.#end?.(stopped);
        else
            this.tell();
    }
}
/** Tells tickets that their call has settled: one listener a call, because a long one may make any number of transactions. */
export class TicketsOfCalls {
    #tickets = new WeakMap();
    add(ticket) {
        const { call } = ticket;
        let tickets = this.#tickets.get(call);
        if (tickets === undefined) {
            const made = new Set();
            tickets = made;
            this.#tickets.set(call, made);
            call.onSettle((error) => {
                for (const open of made)
                    open.callSettled(error);
            });
        }
        tickets.add(ticket);
    }
    remove(ticket) {
        this.#tickets.get(ticket.call)?.delete(ticket);
    }
}
/** Why work for a call that has settled is refused. */
export function callEnded(call) {
    return call.error ?? CoreErrors.CANCELLED({ method: call.name, why: "the call that started its transaction has settled" });
}
// A work function that throws before its first await is a failed transaction and not a broken queue.
async function started(work) {
    return work();
}
//# sourceMappingURL=ticket.js.map