export { consume } from "./consume.js";
export { inboxSchema } from "./inbox.js";
export { originOf, withOrigin } from "./origin-headers.js";
export { outbox, outboxSchema } from "./outbox.js";
export { outboxRelay } from "./relay.js";
//# sourceMappingURL=index.js.map