export { type Backoff, backoffMs } from "./backoff.js";
export type { DeadLetter } from "./dead-letters.js";
export { openQueue, type Queue, type QueueOptions } from "./queue.js";
export { QueueErrors } from "./queue-errors.js";
export type { QueueLimits } from "./queue-limits.js";
//# sourceMappingURL=index.d.ts.map