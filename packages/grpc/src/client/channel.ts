import { type Call, type Clock, CoreErrors, type Method, type RpcError, systemClock } from "@sampan/core";
import type { Channel } from "@sampan/core/ports";
import type { ConnectionOptions } from "@sampan/h2";
import { GrpcErrors } from "../errors.js";
import { defaultMaxMessageBytes, type GrpcOptions } from "../options.js";
import { ChannelCredentials } from "../tls/channel-credentials.js";
import { type Endpoint, parseTarget, type Target } from "../wire/target.js";
import { backoffPolicy } from "./backoff.js";
import { type CallOwner, ClientCall } from "./client-call.js";
import type { ClientConnection } from "./client-connection.js";
import { IdleTimer } from "./idle-timer.js";
import { type MethodPlan, methodPlan, type PlanSettings } from "./method-plan.js";
import { Resolver, type ResolverOwner } from "./resolver.js";
import { Subchannel, type SubchannelOwner, type SubchannelSettings } from "./subchannel.js";
import { WaitQueue } from "./wait-queue.js";

/**
 * The client's end: calls to one target, over one connection to each of its addresses, in turn (round robin). Connects
 * at the first call. A call that finds no free connection waits in a bounded queue while one may come, and fails with
 * `UNAVAILABLE` when every address has just failed (unless `waitForReady`). Without calls for a while it closes its
 * connections and makes none, until the next call.
 */
export class GrpcChannel implements Channel, CallOwner, ResolverOwner, SubchannelOwner {
  readonly gzip: boolean;
  readonly replayBytes: number;
  private readonly name: string;
  private readonly target: Target;
  private readonly options: GrpcOptions;
  private readonly clock: Clock;
  private readonly plans: Map<Method, MethodPlan> = new Map();
  private readonly planSettings: PlanSettings;
  private readonly credentials: ChannelCredentials | undefined;
  private readonly subchannelSettings: SubchannelSettings;
  private readonly resolver: Resolver;
  private readonly waiting: WaitQueue;
  private readonly idleTimer: IdleTimer;
  private subchannels: readonly Subchannel[] = [];
  private turn = 0;
  /** Why calls fail while nothing can be reached. */
  private trouble = "";
  private unresolved = false;
  private servingQueue = false;
  private closed = false;

  /** Throws `BAD_TARGET`. */
  constructor(target: string, options: GrpcOptions, connection: Partial<ConnectionOptions>) {
    this.name = target;
    this.target = parseTarget(target);
    this.options = options;
    this.clock = options.clock ?? systemClock;
    this.gzip = options.compression === "gzip";
    this.replayBytes = options.replayBytes ?? 262_144;
    this.waiting = new WaitQueue(options.maxQueued ?? 10_000);
    const tls = options.tls?.client;
    this.planSettings = {
      scheme: tls === undefined ? "http" : "https",
      authority: tls?.serverName ?? this.target.authority,
      gzip: this.gzip,
      maxMessageBytes: options.maxMessageBytes ?? defaultMaxMessageBytes,
      maxSendMessageBytes: options.maxSendMessageBytes ?? Number.POSITIVE_INFINITY,
    };
    const replaceAll = (): void => {
      for (const subchannel of this.subchannels) subchannel.replace();
    };
    this.credentials = tls && new ChannelCredentials(tls, this.target, this.clock, replaceAll, options.logger);
    this.subchannelSettings = {
      credentials: this.credentials,
      connection,
      backoff: backoffPolicy(options.reconnect),
      connectTimeoutMs: options.reconnect?.connectTimeoutMs ?? 20_000,
      maxInFlight: options.maxInFlight ?? Number.POSITIVE_INFINITY,
      clock: this.clock,
    };
    this.resolver = new Resolver(this.target, this, options.reconnect?.resolveIntervalMs ?? 5000, this.clock);
    this.idleTimer = new IdleTimer(options.idleTimeoutMs ?? 1_800_000, this.clock, () => this.giveUpConnections());
  }

  invoke(method: Method, request: unknown, call: Call): unknown {
    let plan = this.plans.get(method);
    if (plan === undefined || plan.caller !== call.runtime.name) {
      plan = methodPlan(method, call.runtime.name, this.planSettings);
      this.plans.set(method, plan);
    }
    if (method.serverStreams) {
      const started = new ClientCall(this, plan, method, request, call);
      this.dispatch(started);
      return started.responses;
    }
    const known = plan;
    return new Promise((resolve, reject) => {
      this.dispatch(new ClientCall(this, known, method, request, call, resolve, reject));
    });
  }

  close(): Promise<void> {
    if (this.closed) return Promise.resolve();
    this.closed = true;
    this.resolver.close();
    this.idleTimer.close();
    this.credentials?.close();
    const error = this.unavailable("the channel was closed");
    for (const call of this.waiting.takeAll()) call.fail(error);
    for (const subchannel of this.subchannels) subchannel.close();
    return Promise.resolve();
  }

  dispatch(call: ClientCall): void {
    const connection = this.pick();
    if (connection === undefined || !call.open(connection.connection)) this.wait(call);
  }

  onBegun(): void {
    // After a long silence a name may have other addresses; the known ones are tried meanwhile.
    if (this.idleTimer.begin()) this.resolver.resolve();
  }

  onEnded(call: ClientCall): void {
    this.waiting.remove(call);
    this.idleTimer.end();
  }

  onEndpoints(endpoints: readonly Endpoint[]): void {
    this.unresolved = false;
    const known = new Map(this.subchannels.map((subchannel) => [keyOf(subchannel.endpoint), subchannel]));
    const before = new Set(this.subchannels);
    this.subchannels = endpoints.map((endpoint) => {
      const subchannel = known.get(keyOf(endpoint)) ?? new Subchannel(endpoint, this.subchannelSettings, this);
      before.delete(subchannel);
      return subchannel;
    });
    for (const gone of before) gone.drain();
    if (!this.idleTimer.idle) for (const subchannel of this.subchannels) subchannel.connect();
  }

  onUnresolved(why: string): void {
    this.unresolved = true;
    this.onFailure(why);
  }

  onUsable(): void {
    // An attempt that was under way when the last call had been too long ago.
    if (this.idleTimer.idle) this.giveUpConnections();
    if (this.waiting.size === 0 || this.servingQueue) return;
    this.servingQueue = true;
    // After the event that made room: the engine counts a stream until its last event is over.
    queueMicrotask(() => this.serveQueue());
  }

  onFailure(why: string): void {
    this.trouble = why;
    if (!this.closed && !this.idleTimer.idle) this.resolver.resolve();
    if (!this.hopeless) return;
    const error = this.unavailable(why);
    for (const call of this.waiting.takeAll((each) => !this.waitsForReady(each))) call.fail(error);
  }

  onLost(): void {
    if (this.closed) return;
    this.resolver.resolve();
    // One of several reconnects by itself, so that the others do not have to carry its share for long.
    if (this.wantsConnections) this.connectAll();
  }

  onRested(subchannel: Subchannel): void {
    if (this.wantsConnections) subchannel.connect();
  }

  /** Hot: the next subchannel whose connection takes a call. */
  private pick(): ClientConnection | undefined {
    const { subchannels } = this;
    const count = subchannels.length;
    for (let i = 0; i < count; i++) {
      if (++this.turn >= count) this.turn = 0;
      const usable = (subchannels[this.turn] as Subchannel).usable;
      if (usable !== undefined) return usable;
    }
    return undefined;
  }

  private wait(call: ClientCall): void {
    if (this.closed) {
      call.fail(this.unavailable("the channel was closed"));
    } else if (this.hopeless && !this.waitsForReady(call)) {
      this.resolver.resolve();
      call.fail(this.unavailable(this.trouble));
    } else if (this.waiting.add(call)) {
      this.connectAll();
    } else {
      call.fail(GrpcErrors.CALL_QUEUE_FULL({ count: String(this.waiting.size), target: this.name }));
    }
  }

  private serveQueue(): void {
    this.servingQueue = false;
    while (this.waiting.size > 0) {
      const connection = this.pick();
      if (connection === undefined) return;
      const call = this.waiting.shift() as ClientCall;
      if (!call.open(connection.connection)) {
        this.waiting.add(call);
        return;
      }
    }
  }

  private connectAll(): void {
    if (this.subchannels.length === 0) this.resolver.resolve();
    for (const subchannel of this.subchannels) subchannel.connect();
  }

  private giveUpConnections(): void {
    // What was wrong then is no reason to refuse the next call.
    this.unresolved = false;
    for (const subchannel of this.subchannels) subchannel.idle();
  }

  private waitsForReady(call: ClientCall): boolean {
    return call.call.waitForReady ?? this.options.waitForReady ?? false;
  }

  /** Connections are made before a call asks for them: it waits, or they are one of several that share the calls. */
  private get wantsConnections(): boolean {
    return this.waiting.size > 0 || (this.subchannels.length > 1 && !this.idleTimer.idle);
  }

  /** No connection is there, and none is being made. */
  private get hopeless(): boolean {
    if (this.subchannels.length === 0) return this.unresolved;
    return this.subchannels.every(({ state }) => state === "resting");
  }

  private unavailable(why: string): RpcError {
    return CoreErrors.UNAVAILABLE({ service: this.name, why });
  }
}

function keyOf({ host, port, path }: Endpoint): string {
  return path ?? `${host} ${port}`;
}
