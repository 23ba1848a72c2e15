import type { BrokerMessage } from "@sampan/core/ports";
import { QueueErrors } from "./queue-errors.js";

/** What a queue takes. Sizes are bytes. */
export interface QueueLimits {
  /** Of one payload. Default 256 KiB. */
  readonly payloadBytes: number;
  /** Of one message's headers as JSON. Default 16 KiB. */
  readonly headerBytes: number;
  /** Of a topic, a group, a key or an id. Default 512. */
  readonly nameBytes: number;
  /** Messages in one `publish`. Default 1000. */
  readonly batch: number;
  /** Messages that wait for their commit. Default 10000. */
  readonly pending: number;
  /** Messages that some group has not acknowledged, dead letters included. Default 1000000. */
  readonly backlog: number;
}

export const defaultQueueLimits: QueueLimits = {
  payloadBytes: 256 * 1024,
  headerBytes: 16 * 1024,
  nameBytes: 512,
  batch: 1000,
  pending: 10_000,
  backlog: 1_000_000,
};

/** Throws `MESSAGE_INVALID`, `MESSAGE_TOO_LARGE` or `BATCH_TOO_LARGE` for what the queue will not take. */
export function checkMessages(messages: readonly BrokerMessage[], limits: QueueLimits): void {
  if (messages.length > limits.batch) {
    throw QueueErrors.BATCH_TOO_LARGE({ size: String(messages.length), limit: String(limits.batch) });
  }
  for (const message of messages) {
    checkName("topic", message.topic, limits);
    checkName("id", message.id, limits);
    if (message.key !== "") checkName("key", message.key, limits);
    if (!(message.payload instanceof Uint8Array)) throw QueueErrors.MESSAGE_INVALID({ why: "payload is not bytes" });
    checkSize("payload", message.id, message.payload.byteLength, limits.payloadBytes);
    for (const value of Object.values(message.headers)) {
      if (typeof value !== "string") throw QueueErrors.MESSAGE_INVALID({ why: "a header is not a string" });
    }
    checkSize("headers", message.id, Buffer.byteLength(JSON.stringify(message.headers)), limits.headerBytes);
  }
}

/** Text that SQLite and JSON both keep as it is: not empty, no NUL, no half of a surrogate pair. */
export function checkName(what: string, name: unknown, limits: QueueLimits): void {
  if (typeof name !== "string" || name === "") throw QueueErrors.MESSAGE_INVALID({ why: `${what} is empty` });
  if (name.includes("\0") || /\p{Surrogate}/u.test(name)) {
    throw QueueErrors.MESSAGE_INVALID({ why: `${what} is not well-formed text` });
  }
  if (name.length * 3 > limits.nameBytes) checkSize(what, name.slice(0, 64), Buffer.byteLength(name), limits.nameBytes);
}

function checkSize(part: string, id: string, size: number, limit: number): void {
  if (size > limit) throw QueueErrors.MESSAGE_TOO_LARGE({ part, id, size: String(size), limit: String(limit) });
}
