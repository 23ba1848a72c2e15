import { CoreErrors, Runtime, silentLogger, systemClock } from "@sampan/core";
import { openSqlite } from "../sql/sqlite/open-sqlite.js";
import { Consumer } from "./consumer.js";
import { readDeadLetters, redriveDeadLetter } from "./dead-letters.js";
import { Groups } from "./group.js";
import { Pruner } from "./pruner.js";
import { QueueErrors } from "./queue-errors.js";
import { addGroup, recover } from "./queue-groups.js";
import { checkMessages, checkName, defaultQueueLimits } from "./queue-limits.js";
import { queueSchema } from "./queue-schema.js";
import { Turns } from "./turns.js";
const day = 24 * 60 * 60 * 1000;
/**
 * Opens a queue in a file of its own. What an earlier process had in work is delivered again at once.
 *
 * At least once: a message is deleted after its handler has resolved and that is durable. Order: within a group, the
 * messages of a key one after the other. Deduplication: by topic and id. `close` takes no more messages, waits for those
 * in work, gives the rest back, and closes the file. Rejects with errors of `QueueErrors` and of the database.
 */
export async function openQueue(options) {
    const { file, clock = systemClock, logger = silentLogger } = options;
    const { commits = "off-thread" } = options;
    const sql = await openSqlite({ file, schemas: [queueSchema], clock, logger, commits });
    // Transactions want a call; these have no caller whose deadline they could miss.
    const runtime = new Runtime({
        name: "queue",
        clock,
        logger,
        connect: (service) => {
            throw CoreErrors.UNAVAILABLE({ service, why: "a queue calls no services" });
        },
    });
    const transaction = (work) => runtime.run({ name: "queue/turn", timeoutMs: Number.POSITIVE_INFINITY }, (call) => sql.transaction(call, work));
    try {
        const recovered = await transaction(recover);
        if (recovered.interrupted > 0) {
            logger.info("messages that were in work when the queue stopped are delivered again", { count: recovered.interrupted });
        }
        const limits = { ...defaultQueueLimits, ...options.limits };
        const groups = new Groups(recovered.groups);
        const dedupeWindowMs = options.dedupeWindowMs ?? 7 * day;
        const { nextSeq, backlog } = recovered;
        const turns = new Turns({ groups, clock, logger, limits, dedupeWindowMs, nextSeq, backlog, transaction });
        const retentionMs = options.retentionMs ?? 30 * day;
        const everyMs = options.pruneEveryMs ?? 60 * 60 * 1000;
        const pruner = new Pruner({ clock, logger, turns, groups, transaction, dedupeWindowMs, retentionMs, everyMs });
        return new TableQueue({ options, sql, clock, logger, limits, groups, turns, pruner, transaction });
    }
    catch (error) {
        await sql.close();
        throw error;
    }
}
class TableQueue {
    #parts;
    #host;
    #closing;
    constructor(parts) {
        this.#parts = parts;
        const { clock, logger, turns } = parts;
        this.#host = {
            clock,
            logger,
            random: parts.options.random ?? Math.random,
            settle: (settlement) => turns.settle(settlement),
            drain: () => turns.drain(),
            wake: () => turns.wake(),
        };
    }
    get backlog() {
        return this.#parts.turns.backlog;
    }
    async publish(messages) {
        this.#checkOpen();
        checkMessages(messages, this.#parts.limits);
        if (messages.length > 0)
            await this.#parts.turns.publish(messages);
    }
    async subscribe(options) {
        this.#checkOpen();
        const { groups, turns, transaction, limits } = this.#parts;
        checkName("topic", options.topic, limits);
        checkName("group", options.group, limits);
        const group = groups.find(options.topic, options.group) ?? groups.add(await transaction((tx) => addGroup(tx, options.topic, options.group)));
        this.#checkOpen();
        const consumer = new Consumer(group, {
            ...options,
            concurrency: options.concurrency ?? 8,
            visibilityMs: options.visibilityMs ?? 30_000,
            maxAttempts: options.maxAttempts ?? 10,
            backoff: this.#parts.options.backoff ?? { initialMs: 200, maxMs: 60_000 },
        }, this.#host);
        turns.wake();
        return consumer;
    }
    async deadLetters(topic, group, limit = 100) {
        this.#checkOpen();
        const found = this.#parts.groups.find(topic, group);
        return found === undefined ? [] : readDeadLetters(this.#parts.sql.read, found.id, limit);
    }
    async redrive(topic, group, id) {
        this.#checkOpen();
        const { groups, transaction, clock, turns } = this.#parts;
        const found = groups.find(topic, group);
        if (found === undefined)
            return false;
        const redriven = await transaction((tx) => redriveDeadLetter(tx, found.id, id, clock.now()));
        if (redriven)
            found.hungry = true;
        turns.wake();
        return redriven;
    }
    async prune() {
        this.#checkOpen();
        await this.#parts.pruner.prune();
    }
    close() {
        this.#closing ??= this.#close();
        return this.#closing;
    }
    async #close() {
        const { groups, turns, pruner, sql, options } = this.#parts;
        pruner.close();
        const consumers = [...groups.consumed()].flatMap((group) => [...group.consumers]);
        await Promise.all(consumers.map((consumer) => consumer.close(options.closeGraceMs)));
        await turns.drain();
        turns.close();
        await sql.close();
    }
    #checkOpen() {
        if (this.#closing !== undefined)
            throw QueueErrors.QUEUE_CLOSED();
    }
}
//# sourceMappingURL=queue.js.map