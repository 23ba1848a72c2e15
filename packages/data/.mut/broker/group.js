/** The groups of a queue, by topic and name. */
export class Groups {
    #byId = new Map();
    #byTopic = new Map();
    constructor(rows) {
        for (const row of rows)
            this.add(row);
    }
    add(row) {
        const known = this.#byId.get(row.id);
        if (known !== undefined)
            return known;
        const group = { ...row, consumers: new Set(), hungry: true, nextDue: undefined };
        this.#byId.set(row.id, group);
        const ofTopic = this.#byTopic.get(row.topic);
        if (ofTopic === undefined)
            this.#byTopic.set(row.topic, [group]);
        else
            ofTopic.push(group);
        return group;
    }
    find(topic, name) {
        return this.#byTopic.get(topic)?.find((group) => group.name === name);
    }
    get(id) {
        return this.#byId.get(id);
    }
    idsOf(topic) {
        return this.#byTopic.get(topic)?.map((group) => group.id) ?? [];
    }
    /** Those that somebody consumes for. */
    *consumed() {
        for (const group of this.#byId.values())
            if (group.consumers.size > 0)
                yield group;
    }
}
//# sourceMappingURL=group.js.map