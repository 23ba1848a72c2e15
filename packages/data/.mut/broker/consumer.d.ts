import type { Clock } from "@sampan/core";
import type { Logger, SubscribeOptions, Subscription } from "@sampan/core/ports";
import type { Group } from "./group.js";
import type { Claimed } from "./queue-claim.js";
import { type Settlement, type SettlementPolicy } from "./settlement.js";
/** What a consumer asks of its queue. */
export interface ConsumerHost {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly random: () => number;
    /** Takes a settlement to be written with the next turn. */
    settle(settlement: Settlement): void;
    /** Resolves when the settlements so far are durable, or could not be written. */
    drain(): Promise<void>;
    /** The consumer has room again. */
    wake(): void;
}
export type ConsumerOptions = Required<SubscribeOptions> & SettlementPolicy;
/**
 * One subscription: runs the handler for what it is given, at most `concurrency` at a time, and settles each delivery
 * exactly once: when the handler answers, when its visibility timeout passes (the signal aborts and a late answer is
 * ignored), or when the subscription is closed.
 */
export declare class Consumer implements Subscription {
    #private;
    constructor(group: Group, options: ConsumerOptions, host: ConsumerHost);
    /** How many messages it can take now. */
    get room(): number;
    /** Runs the handler for each. Their claims are durable. */
    take(batch: readonly Claimed[]): void;
    close(graceMs?: number): Promise<void>;
}
//# sourceMappingURL=consumer.d.ts.map