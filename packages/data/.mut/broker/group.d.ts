import type { Consumer } from "./consumer.js";
import type { GroupRow } from "./queue-groups.js";
/** A group of this process: who consumes for it, and whether there may be something to claim. */
export interface Group extends GroupRow {
    readonly consumers: Set<Consumer>;
    /** Something may be ready and due. Claims happen only while this holds: an idle group costs nothing. */
    hungry: boolean;
    /** When the next message that waits for its time is due, ms since the epoch. */
    nextDue: number | undefined;
}
/** The groups of a queue, by topic and name. */
export declare class Groups {
    #private;
    constructor(rows: readonly GroupRow[]);
    add(row: GroupRow): Group;
    find(topic: string, name: string): Group | undefined;
    get(id: number): Group | undefined;
    idsOf(topic: string): readonly number[];
    /** Those that somebody consumes for. */
    consumed(): Generator<Group>;
}
//# sourceMappingURL=group.d.ts.map