import type { Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { Groups } from "./group.js";
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
/** Deletes what is too old, now and then and in small steps. What nobody had acknowledged is logged when it goes. */
export declare class Pruner {
    #private;
    constructor(options: PrunerOptions);
    prune(): Promise<void>;
    close(): void;
}
//# sourceMappingURL=pruner.d.ts.map