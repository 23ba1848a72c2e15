import { QueueErrors } from "./queue-errors.js";
import { settle } from "./settlement.js";
/** Longest text of an error that is kept with a dead letter. */
const errorLength = 500;
/**
 * One subscription: runs the handler for what it is given, at most `concurrency` at a time, and settles each delivery
 * exactly once: when the handler answers, when its visibility timeout passes (the signal aborts and a late answer is
 * ignored), or when the subscription is closed.
 */
export class Consumer {
    #group;
    #options;
    #host;
    /** In the order of their start, so that the first expires first: all have the same timeout. */
    #inWork = new Map();
    #cancelTimer;
    #closing = false;
    #idle = [];
    constructor(group, options, host) {
        this.#group = group;
        this.#options = options;
        this.#host = host;
        group.consumers.add(this);
        group.hungry = true;
    }
    /** How many messages it can take now. */
    get room() {
        return this.#closing ? 0 : this.#options.concurrency - this.#inWork.size;
    }
    /** Runs the handler for each. Their claims are durable. */
    take(batch) {
        for (const claimed of batch) {
            if (this.#closing) {
                this.#settle(claimed, { type: "released" });
                continue;
            }
            const abort = new AbortController();
            this.#inWork.set(claimed, { abort, expiresAt: this.#host.clock.now() + this.#options.visibilityMs });
            this.#armTimer();
            void this.#handle(claimed, abort.signal);
        }
    }
    async close(graceMs = 10_000) {
        this.#closing = true;
        this.#group.consumers.delete(this);
        if (this.#inWork.size > 0) {
            const cancel = this.#host.clock.timer(graceMs, () => this.#abortAll());
            await new Promise((resolve) => this.#idle.push(resolve));
            cancel();
        }
        await this.#host.drain();
    }
    async #handle(claimed, signal) {
        let outcome;
        try {
            await this.#options.handle(claimed.delivery, signal);
            outcome = { type: "done" };
        }
        catch (thrown) {
            outcome = { type: "failed", error: describe(thrown) };
        }
        this.#finish(claimed, outcome);
    }
    /** The first answer counts; a late one finds its claim gone. */
    #finish(claimed, outcome) {
        if (!this.#inWork.delete(claimed))
            return;
        this.#settle(claimed, outcome);
        if (this.#inWork.size === 0) {
            this.#cancelTimer?.();
            this.#cancelTimer = undefined;
            for (const resolve of this.#idle.splice(0))
                resolve();
        }
        this.#host.wake();
    }
    #settle(claimed, outcome) {
        const { clock, random } = this.#host;
        const settlement = settle(claimed.claim, outcome, this.#options, clock.now(), random());
        this.#report(claimed, settlement);
        this.#host.settle(settlement);
    }
    #report({ delivery }, settlement) {
        if (settlement.type === "acknowledge" || settlement.error === "")
            return;
        const { topic, id, attempt } = delivery;
        const fields = { topic, group: this.#group.name, message: id, attempt, error: settlement.error };
        if (settlement.type === "bury")
            this.#host.logger.error("a message became a dead letter", fields);
        else
            this.#host.logger.warn("a message is delivered again", { ...fields, at: settlement.dueAt });
    }
    /** One timer, for the delivery that expires first. */
    #armTimer() {
        if (this.#cancelTimer !== undefined)
            return;
        const [first] = this.#inWork.values();
        if (first === undefined)
            return;
        const wait = Math.max(0, first.expiresAt - this.#host.clock.now());
        this.#cancelTimer = this.#host.clock.timer(wait, () => this.#expire(), { background: true });
    }
    #expire() {
        this.#cancelTimer = undefined;
        const now = this.#host.clock.now();
        for (const [claimed, work] of this.#inWork) {
            if (work.expiresAt > now)
                break;
            const { topic, id } = claimed.delivery;
            const ms = String(this.#options.visibilityMs);
            const error = QueueErrors.VISIBILITY_EXPIRED({ group: this.#group.name, topic, id, ms });
            this.#finish(claimed, { type: "expired", error: error.message });
            work.abort.abort(error);
        }
        this.#armTimer();
    }
    #abortAll() {
        for (const [claimed, work] of [...this.#inWork]) {
            this.#finish(claimed, { type: "released" });
            work.abort.abort(QueueErrors.QUEUE_CLOSED());
        }
    }
}
function describe(thrown) {
    const text = String(thrown);
    return (text === "" ? "unknown error" : text).slice(0, errorLength).replace(/[\0\p{Surrogate}]/gu, "\ufffd");
}
//# sourceMappingURL=consumer.js.map