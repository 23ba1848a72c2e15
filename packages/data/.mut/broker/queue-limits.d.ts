import type { BrokerMessage } from "@sampan/core/ports";
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
export declare const defaultQueueLimits: QueueLimits;
/** Throws `MESSAGE_INVALID`, `MESSAGE_TOO_LARGE` or `BATCH_TOO_LARGE` for what the queue will not take. */
export declare function checkMessages(messages: readonly BrokerMessage[], limits: QueueLimits): void;
/** Text that SQLite and JSON both keep as it is: not empty, no NUL, no half of a surrogate pair. */
export declare function checkName(what: string, name: unknown, limits: QueueLimits): void;
//# sourceMappingURL=queue-limits.d.ts.map