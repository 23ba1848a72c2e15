import type { Clock } from "@sampan/core";
import type { BrokerMessage, Logger } from "@sampan/core/ports";
import type { Transaction } from "kysely";
import type { Groups } from "./group.js";
import type { QueueLimits } from "./queue-limits.js";
import type { QueueTables } from "./queue-schema.js";
import type { Settlement } from "./settlement.js";
/** Runs one transaction of the queue file. */
export type Transact = <T>(work: (tx: Transaction<QueueTables>) => Promise<T>) => Promise<T>;
export interface TurnsOptions {
    readonly groups: Groups;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly limits: QueueLimits;
    readonly dedupeWindowMs: number;
    readonly nextSeq: number;
    readonly backlog: number;
    readonly transaction: Transact;
}
/**
 * The queue's only writer, in turns: one transaction stores what was published, writes how deliveries ended, and claims
 * for every consumer that has room, all that came together since the last turn. So the cost of a commit is shared, and
 * a publish wakes its consumers in the same turn, without polling.
 *
 * A turn that fails rejects its publishes, keeps its settlements for the next turn, and hands nothing out.
 */
export declare class Turns {
    #private;
    constructor(options: TurnsOptions);
    /** Messages that some group has not acknowledged. */
    get backlog(): number;
    /** Resolves when the messages are durable. */
    publish(messages: readonly BrokerMessage[]): Promise<void>;
    settle(settlement: Settlement): void;
    /** Takes a turn soon: after what runs now, so that what happens together is written together. */
    wake(): void;
    /** After `deleted` messages were removed outside a turn. */
    forget(deleted: number): void;
    /** Resolves when everything published and settled so far has been written, or a turn has failed. */
    drain(): Promise<void>;
    close(): void;
}
//# sourceMappingURL=turns.d.ts.map