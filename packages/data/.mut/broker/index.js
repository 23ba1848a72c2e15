export { backoffMs } from "./backoff.js";
export { openQueue } from "./queue.js";
export { QueueErrors } from "./queue-errors.js";
//# sourceMappingURL=index.js.map