export type { Broker, BrokerMessage, Delivery, SubscribeOptions, Subscription } from "./broker.js";
export type {
  Counter,
  Gauge,
  Histogram,
  InstrumentOptions,
  Labels,
  LogFields,
  Logger,
  Meter,
  Span,
  SpanEvent,
  Tracer,
} from "./telemetry.js";
export type { IssuedToken, TokenClaims, TokenIssuer, TokenVerifier } from "./tokens.js";
export type { Channel, Listener, Transport } from "./transport.js";
