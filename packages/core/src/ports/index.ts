export type { Broker, BrokerMessage, Delivery, SubscribeOptions, Subscription } from "./broker.js";
export type { ConfigEvent, ConfigSource, ConfigStore, ConfigVersion, ConfigWatch } from "./config-source.js";
export type {
  Balancer,
  Endpoint,
  Instance,
  PickHints,
  Registrar,
  Registration,
  Resolver,
  ResolverEvent,
  Watch,
} from "./discovery.js";
export type { KeyValue, TokenGrant, TokenRequest } from "./key-value.js";
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
