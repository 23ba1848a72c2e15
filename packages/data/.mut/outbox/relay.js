import { Code, RpcError, sleep } from "@sampan/core";
import { backoffMs } from "../broker/backoff.js";
import { OutboxRows } from "./outbox-rows.js";
import { WakeUp } from "./wake-up.js";
/**
 * Publishes in the order of the outbox and deletes what the broker has taken; a crash between the two publishes it again under the
 * same id. Woken by each commit, so a message leaves at once. While the broker fails, nothing overtakes: the same messages are
 * tried again after a backoff. A message that the broker calls invalid is set aside (`refused`) and logged, so that it does not
 * stop the ones behind it.
 */
export function outboxRelay(options) {
    return new Relay(options);
}
class Relay {
    #options;
    #rows;
    #wakeUp;
    #running;
    constructor(options) {
        this.#options = options;
        this.#rows = new OutboxRows(options.sql, options.runtime);
        this.#wakeUp = new WakeUp(options.runtime.clock);
    }
    start() {
        if (this.#running !== undefined)
            return;
        const unlisten = this.#options.sql.onCommit(() => this.#wakeUp.ring());
        const running = { stopped: false, unlisten, done: Promise.resolve() };
        this.#running = running;
        running.done = this.#run(running);
    }
    async stop(graceMs = 5_000) {
        const running = this.#running;
        if (running === undefined)
            return;
        this.#running = undefined;
        running.stopped = true;
        running.unlisten();
        this.#wakeUp.ring();
        const giveUp = new AbortController();
        // A broker that does not answer must not keep the process: what it has not taken is sent again after the next start.
        const grace = sleep(this.#options.runtime.clock, graceMs, giveUp.signal).catch(() => { });
        await Promise.race([running.done, grace]);
        giveUp.abort();
    }
    pending() {
        return this.#rows.count();
    }
    async #run(running) {
        const { runtime, batch = 100, pollMs = 1_000, random = Math.random } = this.#options;
        const backoff = this.#options.backoff ?? { initialMs: 100, maxMs: 30_000 };
        let failures = 0;
        while (!running.stopped) {
            this.#wakeUp.clear();
            try {
                const messages = await this.#rows.next(batch);
                if (messages.length > 0)
                    await this.#move(messages);
                else
                    await this.#wakeUp.pause(pollMs);
                failures = 0;
            }
            catch (error) {
                failures++;
                const waitMs = backoffMs(backoff, failures, random());
                runtime.logger.warn("the outbox could not be relayed", { error, failures, wait_ms: waitMs });
                await this.#backOff(running, waitMs);
            }
        }
    }
    async #move(messages) {
        try {
            await this.#options.broker.publish(messages.map(({ message }) => message));
        }
        catch (error) {
            if (!isInvalid(error))
                throw error;
            await this.#moveOneByOne(messages);
            return;
        }
        await this.#rows.delete(messages);
    }
    async #moveOneByOne(messages) {
        for (const waiting of messages) {
            try {
                await this.#options.broker.publish([waiting.message]);
            }
            catch (error) {
                if (!isInvalid(error))
                    throw error;
                const { topic, id, key } = waiting.message;
                this.#options.runtime.logger.error("the broker refuses a message of the outbox for good", { topic, id, key, error });
                await this.#rows.refuse(waiting, RpcError.from(error).message);
                continue;
            }
            await this.#rows.delete([waiting]);
        }
    }
    /** Commits go on meanwhile and must not cut the wait short; `stop` does. */
    async #backOff(running, ms) {
        const until = this.#options.runtime.clock.now() + ms;
        for (let left = ms; left > 0 && !running.stopped; left = until - this.#options.runtime.clock.now()) {
            this.#wakeUp.clear();
            await this.#wakeUp.pause(left);
        }
    }
}
function isInvalid(error) {
    return error instanceof RpcError && error.code === Code.InvalidArgument;
}
//# sourceMappingURL=relay.js.map