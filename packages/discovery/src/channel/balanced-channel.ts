import {
  type Call,
  type CancelTimer,
  type Clock,
  Code,
  type Method,
  RpcError,
  silentLogger,
  systemClock,
} from "@sampan/core";
import type { Channel, PickHints, ResolverEvent, Watch } from "@sampan/core/ports";
import { Cluster } from "../cluster/cluster.js";
import type { EndpointState } from "../cluster/endpoint-state.js";
import { WorkingSet, type WorkingSetState } from "../working-set/working-set.js";
import { DiscoveryErrors } from "./errors.js";
import { Flight, type FlightOwner, isInstanceFailure, tellsTime } from "./flight.js";
import type { BalancedChannelOptions } from "./options.js";
import { reroutedStream } from "./rerouted-stream.js";

/** How often weights are looked at while instances warm up, in ms. */
const warmingMs = 1000;

/**
 * Calls to a service over all of its instances: one channel to each address, a balancer that chooses, and the registry
 * followed in the background. Calls wait (bounded) until the registry has answered once. A call that certainly no
 * handler has seen, because its instance went away, is offered to others; everything else is for retry rules. An
 * instance that leaves the registry takes no new calls, and its channel is closed when the last one there has ended.
 */
export class BalancedChannel implements Channel, FlightOwner {
  readonly #options: BalancedChannelOptions;
  readonly #clock: Clock;
  readonly #cluster: Cluster;
  readonly #set: WorkingSet;
  readonly #channels = new Map<EndpointState, Channel>();
  readonly #leaving = new Set<EndpointState>();
  readonly #watch: Watch;
  readonly #maxTries: number;
  #heard = false;
  #waiting: (() => void)[] = [];
  #warming: CancelTimer | undefined;
  #believing: CancelTimer | undefined;
  #closed = false;

  constructor(options: BalancedChannelOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#cluster = new Cluster(options.cluster);
    this.#set = new WorkingSet(options.workingSet);
    this.#maxTries = options.maxTries ?? 3;
    this.#watch = options.resolver.watch(options.service, (event) => this.#onEvent(event));
  }

  /** What the registry said last, and what of it is in use. */
  get state(): WorkingSetState {
    return this.#set.state;
  }

  /** For operators and for rules that change the balancer. */
  get cluster(): Cluster {
    return this.#cluster;
  }

  now(): number {
    return this.#clock.monotonic();
  }

  invoke(method: Method, request: unknown, call: Call): unknown {
    if (!this.#heard && !this.#closed) return this.#wait(method, request, call);
    return this.#start(method, request, new Flight(this, call, method));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    this.#warming?.();
    this.#believing?.();
    this.#release();
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    await Promise.all(channels.map((channel) => channel.close()));
  }

  landed(endpoint: EndpointState, tookMs: number, error: RpcError | undefined): void {
    const now = this.now();
    endpoint.ended(tookMs, tellsTime(error), now);
    // What the caller gave up says nothing of the instance.
    if (error?.code !== Code.Canceled)
      this.#options.observer?.outcome(endpoint.instance.address, !isInstanceFailure(error), tookMs, now);
    if (endpoint.inFlight === 0 && this.#leaving.has(endpoint)) this.#drop(endpoint);
  }

  #start(method: Method, request: unknown, flight: Flight): unknown {
    const result = this.#send(method, request, flight);
    if (method.serverStreams) {
      return reroutedStream(result as AsyncIterable<unknown>, (error) =>
        this.#mayGoOn(flight, error) ? (this.#send(method, request, flight) as AsyncIterable<unknown>) : undefined,
      );
    }
    return (result as Promise<unknown>).then(undefined, (thrown) => {
      const error = RpcError.from(thrown);
      if (!this.#mayGoOn(flight, error)) throw error;
      return this.#start(method, request, flight);
    });
  }

  /** Offers the call to one endpoint after the other while they refuse it at once. */
  #send(method: Method, request: unknown, flight: Flight): unknown {
    for (;;) {
      const channel = this.#depart(method, request, flight);
      try {
        return channel.invoke(method, flight.requests(request), flight.call);
      } catch (thrown) {
        if (!this.#mayGoOn(flight, RpcError.from(thrown))) throw thrown;
      }
    }
  }

  /** Throws `NO_INSTANCES`. */
  #depart(method: Method, request: unknown, flight: Flight): Channel {
    const { call } = flight;
    const hints = this.#options.hints?.(request, call, method) ?? defaultHints(call);
    const { observer } = this.#options;
    const endpoint = this.#closed
      ? undefined
      : this.#cluster.pick(call.releaseTag, hints, this.now(), flight.tried, observer);
    if (endpoint === undefined) {
      this.#watch.refresh();
      call.unprocessed = true;
      throw DiscoveryErrors.NO_INSTANCES({ service: this.#options.service, why: this.#why() });
    }
    call.unprocessed = false;
    flight.enter(endpoint);
    let channel = this.#channels.get(endpoint);
    if (channel === undefined) {
      channel = this.#options.connect(endpoint.instance.address);
      this.#channels.set(endpoint, channel);
    }
    return channel;
  }

  #mayGoOn(flight: Flight, error: RpcError): boolean {
    if (!flight.call.unprocessed || flight.call.settled || this.#closed || !flight.repeatable) return false;
    flight.leave(error);
    this.#watch.refresh();
    return (flight.tried?.length ?? 0) < this.#maxTries;
  }

  #wait(method: Method, request: unknown, call: Call): unknown {
    const { service, maxWaiting = 10_000 } = this.#options;
    if (this.#waiting.length >= maxWaiting)
      throw DiscoveryErrors.TOO_MANY_WAITING({ service, count: String(maxWaiting) });
    const heard = new Promise<void>((resolve) => this.#waiting.push(resolve));
    const started = heard.then(() => {
      if (call.settled) throw call.error;
      return { result: this.#start(method, request, new Flight(this, call, method)) };
    });
    if (!method.serverStreams) return started.then(({ result }) => result);
    return (async function* () {
      yield* (await started).result as AsyncIterable<unknown>;
    })();
  }

  #onEvent(event: ResolverEvent): void {
    if (this.#closed) return;
    const now = this.now();
    const before = this.#set.state;
    if (this.#set.take(event, now)) this.#useSet(now);
    this.#tell(before, this.#set.state);
    this.#believeLater(now);
    this.#heard = true;
    this.#release();
  }

  #useSet(now: number): void {
    const { gone } = this.#cluster.update(this.#set.state.instances, now);
    for (const endpoint of gone) {
      this.#leaving.add(endpoint);
      if (endpoint.inFlight === 0) this.#drop(endpoint);
    }
    this.#keepWarming();
  }

  /** A registry says once that there is nobody, and then nothing more. */
  #believeLater(now: number): void {
    this.#believing?.();
    this.#believing = undefined;
    const at = this.#set.believedAt;
    if (at === undefined) return;
    const believe = (): void => {
      const before = this.#set.state;
      const passed = this.now();
      if (this.#set.pass(passed)) this.#useSet(passed);
      this.#tell(before, this.#set.state);
      this.#believeLater(passed);
    };
    this.#believing = this.#clock.timer(at - now, believe, { background: true });
  }

  #release(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #drop(endpoint: EndpointState): void {
    this.#leaving.delete(endpoint);
    const channel = this.#channels.get(endpoint);
    this.#channels.delete(endpoint);
    channel?.close().catch((error: unknown) => {
      (this.#options.logger ?? silentLogger).warn("a channel to an instance that left did not close", { error });
    });
  }

  #keepWarming(): void {
    if (!this.#cluster.warming || this.#warming !== undefined) return;
    this.#warming = this.#clock.timer(
      warmingMs,
      () => {
        this.#warming = undefined;
        this.#cluster.refresh(this.now());
        this.#keepWarming();
      },
      { background: true },
    );
  }

  #why(): string {
    const { stale } = this.#set.state;
    if (this.#closed) return "the channel was closed";
    if (stale instanceof RpcError) return stale.message;
    return "the registry has none";
  }

  #tell(before: WorkingSetState, after: WorkingSetState): void {
    const { service, meter, logger = silentLogger } = this.#options;
    meter?.gauge(instancesGauge, { service }).set(after.instances.length);
    if (after.rejected > 0 && after.rejectedWhy !== before.rejectedWhy)
      logger.warn("the registry lists instances that cannot be used", {
        service,
        count: after.rejected,
        first: after.rejectedWhy,
      });
    if (after.stale !== undefined && before.stale === undefined) {
      const why = after.stale === "empty" ? "it says that there is none" : after.stale.message;
      logger.warn("the registry cannot be followed: the last good set stays in use", {
        service,
        why,
        instances: after.instances.length,
      });
    } else if (after.stale === undefined && before.stale !== undefined) {
      logger.info("the registry is followed again", { service, instances: after.instances.length });
    }
  }
}

const instancesGauge = {
  name: "discovery_instances",
  help: "Instances of a service in use; when the registry fails, those last known.",
};

/** Reused: read by the pick that it was made for and by nobody else. */
const shared: { key: string; client: string } = { key: "", client: "" };

function defaultHints(call: Call): PickHints {
  shared.key = call.user?.subject ?? (call.tenant === "default" ? "" : call.tenant);
  return shared;
}
