import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason =
  | "MESSAGE_INVALID"
  | "MESSAGE_TOO_LARGE"
  | "BATCH_TOO_LARGE"
  | "QUEUE_FULL"
  | "QUEUE_BUSY"
  | "QUEUE_CLOSED"
  | "VISIBILITY_EXPIRED";

/** Errors of the table-backed queue. */
export const QueueErrors: Errors<Reason> = defineErrors("queue", {
  MESSAGE_INVALID: {
    code: Code.InvalidArgument,
    message: "the message is not valid: {why}",
    fix: "give topic, id, key and headers as the Broker port describes them",
  },
  MESSAGE_TOO_LARGE: {
    code: Code.InvalidArgument,
    message: "{part} of message {id} has {size} bytes, more than the limit of {limit}",
    fix: "store the content elsewhere and send a reference, or raise the limit of the queue",
  },
  BATCH_TOO_LARGE: {
    code: Code.InvalidArgument,
    message: "one publish has {size} messages, more than the limit of {limit}",
    fix: "publish in smaller batches",
  },
  QUEUE_FULL: {
    code: Code.ResourceExhausted,
    message: "the queue holds {size} undelivered messages, its limit",
    fix: "find the group that does not consume; raise maxBacklog only if the disk has room",
  },
  QUEUE_BUSY: {
    code: Code.ResourceExhausted,
    message: "{size} messages wait to be written, the limit",
    fix: "await each publish before the next; retry with backoff",
  },
  QUEUE_CLOSED: {
    code: Code.Unavailable,
    message: "the queue is closed",
    fix: "publish and subscribe before the process drains",
  },
  VISIBILITY_EXPIRED: {
    code: Code.DeadlineExceeded,
    message: "{group} did not answer message {id} of {topic} within {ms} ms",
    fix: "make the handler faster or idempotent in smaller parts, or raise visibilityMs",
  },
});
