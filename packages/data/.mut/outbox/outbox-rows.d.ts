import type { Runtime } from "@sampan/core";
import type { BrokerMessage } from "@sampan/core/ports";
import type { Sql } from "../sql/contract.js";
import { type OutboxTables } from "./outbox.js";
/** A message that waits, with its place in the outbox. */
export interface WaitingMessage {
    readonly seq: bigint;
    readonly message: BrokerMessage;
}
/** The relay's view of the table: oldest first, and nothing of what the broker has refused for good. */
export declare class OutboxRows {
    #private;
    constructor(sql: Sql<OutboxTables>, runtime: Runtime);
    next(limit: number): Promise<WaitingMessage[]>;
    /** How many wait. */
    count(): Promise<number>;
    delete(messages: readonly WaitingMessage[]): Promise<void>;
    refuse({ seq }: WaitingMessage, why: string): Promise<void>;
}
//# sourceMappingURL=outbox-rows.d.ts.map