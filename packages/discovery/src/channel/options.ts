import type { Call, Clock, Method } from "@sampan/core";
import type { Channel, Logger, Meter, PickHints, Resolver } from "@sampan/core/ports";
import type { ClusterOptions, EndpointGate } from "../cluster/cluster.js";
import type { WorkingSetOptions } from "../working-set/working-set.js";

/** Hears how calls went at each endpoint and may close it: outlier ejection and breakers for endpoints have this shape. */
export interface EndpointObserver extends EndpointGate {
  /** `ok` is false for failures of the instance only, not for answers that it meant. */
  outcome(address: string, ok: boolean, tookMs: number, now: number): void;
}

export interface BalancedChannelOptions {
  /** The full name of the service in the registry, such as `order.v1.OrderService`. */
  readonly service: string;
  readonly resolver: Resolver;
  /** A channel to one address; connects lazily. */
  readonly connect: (address: string) => Channel;
  readonly clock?: Clock;
  readonly logger?: Logger;
  readonly meter?: Meter;
  readonly cluster?: ClusterOptions;
  readonly workingSet?: WorkingSetOptions;
  readonly observer?: EndpointObserver;
  /** The keys of hash balancers. Default: the call's user, or its tenant. The result is read at once and may be reused. */
  readonly hints?: (request: unknown, call: Call, method: Method) => PickHints;
  /** Endpoints that one call is offered to while none can have seen it. Default 3. */
  readonly maxTries?: number;
  /** Calls that wait for the first answer of the registry; more are refused. Default 10000. */
  readonly maxWaiting?: number;
}
