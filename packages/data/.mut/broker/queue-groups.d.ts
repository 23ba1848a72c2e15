import { type Transaction } from "kysely";
import type { QueueTables } from "./queue-schema.js";
export interface GroupRow {
    readonly id: number;
    readonly topic: string;
    readonly name: string;
}
/** What an opened file holds. */
export interface Recovered {
    readonly groups: readonly GroupRow[];
    readonly nextSeq: number;
    readonly backlog: number;
    /** Deliveries that were in work when the last process ended. */
    readonly interrupted: number;
}
/** Makes the file ready: what an earlier process had in work is ready again at once, because only one process opens it. */
export declare function recover(tx: Transaction<QueueTables>): Promise<Recovered>;
/** Finds the group, or adds it: from then on it gets what is published to its topic. */
export declare function addGroup(tx: Transaction<QueueTables>, topic: string, name: string): Promise<GroupRow>;
//# sourceMappingURL=queue-groups.d.ts.map