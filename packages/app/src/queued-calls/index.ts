export { callersBy } from "./caller-of.js";
export { enqueuingBroker } from "./enqueuing-broker.js";
export { QueuedCalls } from "./queued-calls.js";
