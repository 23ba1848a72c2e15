export { type Consumer, type ConsumerOptions, consume, type Handle, type InTransaction } from "./consume.js";
export { type InboxTables, inboxSchema } from "./inbox.js";
export { type Headers, originOf, withOrigin } from "./origin-headers.js";
export { type OutboxMessage, type OutboxTables, outbox, outboxSchema } from "./outbox.js";
export { type OutboxRelay, type OutboxRelayOptions, outboxRelay } from "./relay.js";
//# sourceMappingURL=index.d.ts.map