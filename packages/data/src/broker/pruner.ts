import type { CancelTimer, Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { Groups } from "./group.js";
import { prune } from "./retention.js";
import type { Transact, Turns } from "./turns.js";

export interface PrunerOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly turns: Turns;
  readonly groups: Groups;
  readonly transaction: Transact;
  readonly dedupeWindowMs: number;
  readonly retentionMs: number;
  readonly everyMs: number;
}

const rowsOfStep = 1000;

/** Deletes what is too old, now and then and in small steps. What nobody had acknowledged is logged when it goes. */
export class Pruner {
  readonly #options: PrunerOptions;
  #cancel: CancelTimer | undefined;
  #closed = false;

  constructor(options: PrunerOptions) {
    this.#options = options;
    this.#arm();
  }

  async prune(): Promise<void> {
    const { clock, logger, turns, groups, transaction, dedupeWindowMs, retentionMs } = this.#options;
    let more = true;
    while (more && !this.#closed) {
      const now = clock.now();
      const limits = { seenBefore: now - dedupeWindowMs, publishedBefore: now - retentionMs, rows: rowsOfStep };
      const pruned = await transaction((tx) => prune(tx, limits));
      turns.forget(pruned.deletedMessages);
      if (pruned.waiting + pruned.dead > 0) {
        for (const group of groups.consumed()) group.hungry = true;
        logger.warn("messages older than the retention of the queue were deleted", {
          waiting: pruned.waiting,
          dead: pruned.dead,
        });
      }
      more = pruned.more;
    }
    turns.wake();
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #arm(): void {
    if (this.#closed) return;
    this.#cancel = this.#options.clock.timer(
      this.#options.everyMs,
      () => {
        this.prune()
          .catch((error: unknown) =>
            this.#options.logger.error("the queue could not delete what is too old", { error }),
          )
          .finally(() => this.#arm());
      },
      { background: true },
    );
  }
}
