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
export class Groups {
  readonly #byId = new Map<number, Group>();
  readonly #byTopic = new Map<string, Group[]>();

  constructor(rows: readonly GroupRow[]) {
    for (const row of rows) this.add(row);
  }

  add(row: GroupRow): Group {
    const known = this.#byId.get(row.id);
    if (known !== undefined) return known;
    const group: Group = { ...row, consumers: new Set(), hungry: true, nextDue: undefined };
    this.#byId.set(row.id, group);
    const ofTopic = this.#byTopic.get(row.topic);
    if (ofTopic === undefined) this.#byTopic.set(row.topic, [group]);
    else ofTopic.push(group);
    return group;
  }

  find(topic: string, name: string): Group | undefined {
    return this.#byTopic.get(topic)?.find((group) => group.name === name);
  }

  get(id: number): Group | undefined {
    return this.#byId.get(id);
  }

  idsOf(topic: string): readonly number[] {
    return this.#byTopic.get(topic)?.map((group) => group.id) ?? [];
  }

  /** Those that somebody consumes for. */
  *consumed(): Generator<Group> {
    for (const group of this.#byId.values()) if (group.consumers.size > 0) yield group;
  }
}
