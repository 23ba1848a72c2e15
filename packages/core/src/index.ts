export { adoptHeaders, adoptTrailers, attempt } from "./attempt.js";
export {
  Call,
  type CallInit,
  type CallOptions,
  type CallOrigin,
  type EndUser,
  type Expiry,
  type Peer,
} from "./call.js";
export type { Client } from "./client.js";
export { type CancelTimer, type Clock, sleep, systemClock } from "./clock.js";
export { Code, codeFromNumber, codeName } from "./code.js";
export { CoreErrors } from "./core-errors.js";
export { DeadlineTimers, type Expiring } from "./deadline-timers.js";
export { Dispatcher, type Inbound, type Served } from "./dispatcher.js";
export {
  defineErrors,
  type ErrorDefinition,
  type ErrorFactory,
  type Errors,
  type RegisteredError,
  registeredErrors,
} from "./error-registry.js";
export { compose, type Handler, isPromise, type Layer } from "./handler.js";
export { copyMessage, decodeMessage, encodeMessage, messageFromJson, newMessage } from "./messages.js";
export { Metadata, type MetadataValue } from "./metadata.js";
export { type CallKind, type Method, methods } from "./method.js";
export { addMoney, type Money, MoneyErrors, maxMoney, multiplyMoney, sameMoney } from "./money.js";
export { retryAfter, retryDelayMs } from "./retry-info.js";
export { detail, RpcError, type RpcErrorOptions } from "./rpc-error.js";
export { type RootOptions, Runtime, type RuntimeOptions, silentLogger } from "./runtime.js";
export { type Implementation, implement, type Service } from "./service.js";
export { sortableId } from "./sortable-id.js";
export { guardRequests, letGo, mapStream } from "./streams.js";
export { superviseUnary } from "./supervise.js";
export { type SupervisedStream, superviseStream } from "./supervise-stream.js";
export { childTrace, isSampled, type TraceContext, traceFrom, traceparent } from "./trace.js";
export { type ValidationOptions, validation } from "./validation/index.js";
