import { Inbox } from "./inbox.js";
import { originOf } from "./origin-headers.js";
const weekMs = 7 * 24 * 60 * 60 * 1_000;
const pruneEveryMs = 60 * 60 * 1_000;
const pruneRows = 1_000;
/**
 * A consumer that handles each message once: it remembers the ids of what it has done in the service's own database (its schemas
 * must include `inboxSchema`). Each delivery runs on a root call with the tenant and release tag of the call that sent the
 * message, and a link to its trace; the call ends a tenth before the broker would give the message to somebody else. An error
 * gives the message back to the broker, which decides about the next attempt and about giving up.
 */
export function consume(options) {
    return new InboxConsumer(options);
}
class InboxConsumer {
    #options;
    #inbox;
    #subscription;
    #cancelPruning;
    constructor(options) {
        this.#options = options;
        this.#inbox = new Inbox(options.group, options.sql);
    }
    async start() {
        const { broker, topic, group, concurrency, visibilityMs, maxAttempts } = this.#options;
        this.#subscription = await broker.subscribe({
            topic,
            group,
            ...(concurrency === undefined ? {} : { concurrency }),
            ...(visibilityMs === undefined ? {} : { visibilityMs }),
            ...(maxAttempts === undefined ? {} : { maxAttempts }),
            handle: (delivery, signal) => this.#deliver(delivery, signal),
        });
        this.#pruneLater();
    }
    async stop(graceMs) {
        this.#cancelPruning?.();
        await this.#subscription?.close(graceMs);
        this.#subscription = undefined;
    }
    async #deliver(message, signal) {
        const { runtime, group, visibilityMs = 30_000 } = this.#options;
        const origin = originOf(message.headers);
        const options = {
            name: `consume/${message.topic}/${group}`,
            timeoutMs: visibilityMs * 0.9,
            ...(origin === undefined ? {} : { origin }),
        };
        await runtime.run(options, async (call) => {
            const abort = () => call.abort();
            signal.addEventListener("abort", abort, { once: true });
            call.onSettle(() => signal.removeEventListener("abort", abort));
            if (signal.aborted)
                call.abort();
            await this.#once(message, call);
        });
    }
    async #once(message, call) {
        const options = this.#options;
        if ("inTransaction" in options) {
            await options.sql.transaction(call, async (tx) => {
                if (await this.#mark(tx, message, call))
                    await options.inTransaction(message, tx, call);
            });
            return;
        }
        if (await this.#inbox.has(message))
            return;
        await options.handle(message, call);
        await options.sql.transaction(call, (tx) => this.#mark(tx, message, call));
    }
    #mark(tx, message, call) {
        return this.#inbox.mark(tx, message, call);
    }
    #pruneLater() {
        this.#cancelPruning = this.#options.runtime.clock.timer(pruneEveryMs, () => void this.#prune(), { background: true });
    }
    async #prune() {
        const { runtime, rememberMs = weekMs, group } = this.#options;
        try {
            const before = runtime.clock.now() - rememberMs;
            await runtime.run({ name: `inbox/${group}/prune` }, async (call) => {
                while (await this.#inbox.prune(call, before, pruneRows))
                    call.throwIfAborted();
            });
        }
        catch (error) {
            runtime.logger.warn("the inbox could not be pruned", { group, error });
        }
        if (this.#subscription !== undefined)
            this.#pruneLater();
    }
}
//# sourceMappingURL=consume.js.map