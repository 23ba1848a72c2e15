import { QueueErrors } from "./queue-errors.js";
export const defaultQueueLimits = {
    payloadBytes: 256 * 1024,
    headerBytes: 16 * 1024,
    nameBytes: 512,
    batch: 1000,
    pending: 10_000,
    backlog: 1_000_000,
};
/** Throws `MESSAGE_INVALID`, `MESSAGE_TOO_LARGE` or `BATCH_TOO_LARGE` for what the queue will not take. */
export function checkMessages(messages, limits) {
    if (messages.length > limits.batch) {
        throw QueueErrors.BATCH_TOO_LARGE({ size: String(messages.length), limit: String(limits.batch) });
    }
    for (const message of messages) {
        checkName("topic", message.topic, limits);
        checkName("id", message.id, limits);
        if (message.key !== "")
            checkName("key", message.key, limits);
        if (!(message.payload instanceof Uint8Array))
            throw QueueErrors.MESSAGE_INVALID({ why: "payload is not bytes" });
        checkSize("payload", message.id, message.payload.byteLength, limits.payloadBytes);
        for (const value of Object.values(message.headers)) {
            if (typeof value !== "string")
                throw QueueErrors.MESSAGE_INVALID({ why: "a header is not a string" });
        }
        checkSize("headers", message.id, Buffer.byteLength(JSON.stringify(message.headers)), limits.headerBytes);
    }
}
/** Text that SQLite and JSON both keep as it is: not empty, no NUL, no half of a surrogate pair. */
export function checkName(what, name, limits) {
    if (typeof name !== "string" || name === "")
        throw QueueErrors.MESSAGE_INVALID({ why: `${what} is empty` });
    if (name.includes("\0") || /\p{Surrogate}/u.test(name)) {
        throw QueueErrors.MESSAGE_INVALID({ why: `${what} is not well-formed text` });
    }
    if (name.length * 3 > limits.nameBytes)
        checkSize(what, name.slice(0, 64), Buffer.byteLength(name), limits.nameBytes);
}
function checkSize(part, id, size, limit) {
    if (size > limit)
        throw QueueErrors.MESSAGE_TOO_LARGE({ part, id, size: String(size), limit: String(limit) });
}
//# sourceMappingURL=queue-limits.js.map