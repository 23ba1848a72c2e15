import { prune } from "./retention.js";
const rowsOfStep = 1000;
/** Deletes what is too old, now and then and in small steps. What nobody had acknowledged is logged when it goes. */
export class Pruner {
    #options;
    #cancel;
    #closed = false;
    constructor(options) {
        this.#options = options;
        this.#arm();
    }
    async prune() {
        const { clock, logger, turns, groups, transaction, dedupeWindowMs, retentionMs } = this.#options;
        let more = true;
        while (more && !this.#closed) {
            const now = clock.now();
            const limits = { seenBefore: now - dedupeWindowMs, publishedBefore: now - retentionMs, rows: rowsOfStep };
            const pruned = await transaction((tx) => prune(tx, limits));
            turns.forget(pruned.deletedMessages);
            if (pruned.waiting + pruned.dead > 0) {
                for (const group of groups.consumed())
                    group.hungry = true;
                logger.warn("messages older than the retention of the queue were deleted", { waiting: pruned.waiting, dead: pruned.dead });
            }
            more = pruned.more;
        }
        turns.wake();
    }
    close() {
        this.#closed = true;
        this.#cancel?.();
    }
    #arm() {
        if (this.#closed)
            return;
        this.#cancel = this.#options.clock.timer(this.#options.everyMs, () => {
            this.prune()
                .catch((error) => this.#options.logger.error("the queue could not delete what is too old", { error }))
                .finally(() => this.#arm());
        }, { background: true });
    }
}
//# sourceMappingURL=pruner.js.map