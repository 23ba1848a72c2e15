export type { Exchange } from "./edge/exchange.js";
export { defaultLimits, type GatewayLimits } from "./edge/limits.js";
export type { GatewayListener, ListenOptions } from "./edge/listen.js";
export { GatewayErrors } from "./errors.js";
export { type Gateway, gateway, type RouteInfo } from "./gateway.js";
export type { GatewayOptions, SignaturePolicy } from "./options.js";
export type { EnvelopeMode, EnvelopeOptions } from "./response/envelope.js";
