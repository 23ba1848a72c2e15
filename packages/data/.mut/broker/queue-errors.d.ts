import { type Errors } from "@sampan/core";
type Reason = "MESSAGE_INVALID" | "MESSAGE_TOO_LARGE" | "BATCH_TOO_LARGE" | "QUEUE_FULL" | "QUEUE_BUSY" | "QUEUE_CLOSED" | "VISIBILITY_EXPIRED";
/** Errors of the table-backed queue. */
export declare const QueueErrors: Errors<Reason>;
export {};
//# sourceMappingURL=queue-errors.d.ts.map