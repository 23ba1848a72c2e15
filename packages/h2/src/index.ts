/** HTTP/2 engine: a connection as a decider, and thin drivers for sockets. See README.md. */
export type { Connection, ConnectionListener } from "./connection/contract.js";
export { createConnection } from "./connection/engine.js";
export { type ConnectionOptions, connectionOptions } from "./connection/options.js";
export type { Stream } from "./connection/stream.js";
export { ReceiveBudget } from "./flow/receive-budget.js";
export type { HeaderList } from "./headers/header-list.js";
export { HeaderTemplate } from "./hpack/header-template.js";
export { type Counters, createCounters } from "./limits/counters.js";
export type { FloodLimit } from "./limits/flood-meter.js";
export { type ConnectSettings, connect } from "./net/connect.js";
export { type Listener, type ListenSettings, listen } from "./net/listen.js";
export type { Peer } from "./net/peer.js";
export { ErrorCode, errorCodeName } from "./wire/error-code.js";
export { BufferPool, Output, type OutputDriver, type Segment } from "./wire/output.js";
