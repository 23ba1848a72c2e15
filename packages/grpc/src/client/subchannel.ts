import type { CancelTimer, Clock } from "@sampan/core";
import { type ConnectionOptions, connect, type Peer } from "@sampan/h2";
import type { ChannelCredentials } from "../tls/channel-credentials.js";
import type { Endpoint } from "../wire/target.js";
import { type BackoffPolicy, backoffMs } from "./backoff.js";
import { ClientConnection, type ConnectionOwner } from "./client-connection.js";

export interface SubchannelSettings {
  /** Undefined without TLS. */
  readonly credentials: ChannelCredentials | undefined;
  readonly connection: Partial<ConnectionOptions>;
  readonly backoff: BackoffPolicy;
  readonly connectTimeoutMs: number;
  readonly maxInFlight: number;
  readonly clock: Clock;
}

/** What a subchannel tells its channel. */
export interface SubchannelOwner {
  /** Calls may be opened on it, or more of them. */
  onUsable(): void;
  /** An attempt has failed; `why` is for the error of calls that gave up. */
  onFailure(why: string): void;
  /** A connection that was usable is so no longer; nothing is tried before `connect`. */
  onLost(): void;
  /** The wait after a failure is over. */
  onRested(subchannel: Subchannel): void;
}

/** A connection in the making. */
interface Attempt {
  readonly abort: AbortController;
  /** There from the transport's handshake on. */
  connection: ClientConnection | undefined;
  /** Of the credentials it shows. */
  version: number;
}

/**
 * One address and the connection to it.
 *
 *     idle ──connect──▶ connecting ──SETTINGS──▶ ready ──GOAWAY, lost, not used──▶ idle
 *                           └──────failed──▶ resting ──time──▶ idle
 *
 * A connection counts as made when the server's SETTINGS have come: what accepts and closes at once is a failure, and
 * waits grow. Connections that are left live on until their calls have ended. One that is to be replaced, because there
 * is a new certificate to show or the server's is running out, takes calls until its successor is ready.
 */
export class Subchannel implements ConnectionOwner {
  readonly endpoint: Endpoint;
  private readonly settings: SubchannelSettings;
  private readonly owner: SubchannelOwner;
  /** Takes calls. */
  private current: ClientConnection | undefined = undefined;
  private attempt: Attempt | undefined = undefined;
  private cancelRest: CancelTimer | undefined = undefined;
  /** `current` is to be replaced. */
  private outdated = false;
  private closed = false;
  private readonly connections: Set<ClientConnection> = new Set();
  private failures = 0;
  private keepaliveInterval: number;

  constructor(endpoint: Endpoint, settings: SubchannelSettings, owner: SubchannelOwner) {
    this.endpoint = endpoint;
    this.settings = settings;
    this.owner = owner;
    this.keepaliveInterval = settings.connection.keepaliveInterval ?? 0;
  }

  get state(): "idle" | "connecting" | "ready" | "resting" | "closed" {
    if (this.closed) return "closed";
    if (this.current !== undefined) return "ready";
    if (this.attempt !== undefined) return "connecting";
    return this.cancelRest === undefined ? "idle" : "resting";
  }

  /** Hot: the connection that takes a call now, if any. */
  get usable(): ClientConnection | undefined {
    const { current } = this;
    if (current === undefined || !current.free) return undefined;
    if (!current.connection.mustRotate) return current;
    this.leave(current);
    current.connection.drain();
    return undefined;
  }

  /** Starts an attempt when none is under way, none has just failed, and there is no connection. */
  connect(): void {
    if (this.state === "idle") this.begin();
  }

  /** Makes another connection, which takes over when it is ready. Does nothing where none is there or being made. */
  replace(): void {
    if (this.current === undefined) return;
    this.outdated = true;
    if (this.attempt === undefined && this.cancelRest === undefined) this.begin();
  }

  close(): void {
    this.end("the channel was closed");
    for (const { connection } of [...this.connections]) connection.close();
  }

  /** Gives the connection up; calls in work may end. The address stays, and `connect` makes another connection. */
  idle(): void {
    const { current } = this;
    if (this.closed || current === undefined) return;
    this.current = undefined;
    this.stopTrying("it is not needed any longer");
    current.connection.drain();
  }

  /** No new calls; those in work may end. For an address that is no longer named. */
  drain(): void {
    this.end("the address is no longer named");
    for (const { connection } of [...this.connections]) connection.drain();
  }

  onCapacity(connection: ClientConnection): void {
    if (connection === this.attempt?.connection) this.promote(connection, this.attempt.version);
    if (connection === this.current) this.owner.onUsable();
  }

  onLeaving(connection: ClientConnection, tooManyPings: boolean): void {
    if (tooManyPings) this.keepaliveInterval *= 2;
    this.leave(connection);
  }

  onClosed(connection: ClientConnection, why: string): void {
    connection.unvouch();
    this.connections.delete(connection);
    if (connection !== this.attempt?.connection) this.leave(connection);
    else
      this.failed(this.attempt, this.settings.credentials?.shows ? `${why}; it may have refused our certificate` : why);
  }

  private begin(): void {
    const { connectTimeoutMs, clock, connection, credentials, maxInFlight } = this.settings;
    const attempt: Attempt = { abort: new AbortController(), connection: undefined, version: 0 };
    const { signal } = attempt.abort;
    this.attempt = attempt;
    const cancel = clock.timer(connectTimeoutMs, () => attempt.abort.abort(new Error("connecting took too long")), {
      background: true,
    });
    const { host, port, path } = this.endpoint;
    const made = async (): Promise<void> => {
      const tls = credentials?.options();
      attempt.version = credentials?.version ?? 0;
      await connect({
        to: path === undefined ? { host, port } : { path },
        ...(tls === undefined ? {} : { tls }),
        connection: { ...connection, keepaliveInterval: this.keepaliveInterval },
        signal,
        listener: (opened, peer) => {
          const current = new ClientConnection(opened, this, maxInFlight);
          attempt.connection = current;
          this.connections.add(current);
          if (credentials !== undefined) this.vouch(current, credentials, peer);
          return current;
        },
      });
    };
    made()
      .catch((error: unknown) => this.failed(attempt, error instanceof Error ? describe(error) : String(error)))
      .finally(cancel);
  }

  private vouch(connection: ClientConnection, credentials: ChannelCredentials, peer: Peer): void {
    connection.unvouch = credentials.vouch(peer, this.endpoint.host, {
      onAgeing: () => {
        if (connection === this.current) this.replace();
      },
      onRefused: (why) => {
        this.leave(connection);
        if (connection === this.attempt?.connection) connection.end(why);
        else connection.connection.drain(0);
      },
      onTimeUp: (why) => connection.end(why),
    });
  }

  /** The server's SETTINGS have come: its calls are taken here from now on, and those before end where they are. */
  private promote(connection: ClientConnection, version: number): void {
    const before = this.current;
    this.current = connection;
    this.attempt = undefined;
    this.outdated = false;
    this.failures = 0;
    before?.connection.drain(0);
    if (version !== (this.settings.credentials?.version ?? 0)) this.replace();
  }

  private leave(connection: ClientConnection): void {
    if (connection !== this.current) return;
    this.current = undefined;
    if (!this.closed) this.owner.onLost();
  }

  private failed(attempt: Attempt, why: string): void {
    if (attempt !== this.attempt) return;
    this.attempt = undefined;
    this.failures++;
    const wait = backoffMs(this.settings.backoff, this.failures, Math.random());
    // Not in the background: calls may wait for it, and a process must not end under them.
    this.cancelRest = this.settings.clock.timer(wait, () => {
      this.cancelRest = undefined;
      if (this.current === undefined) this.owner.onRested(this);
      else if (this.outdated) this.begin();
    });
    this.owner.onFailure(why);
  }

  private end(why: string): void {
    this.closed = true;
    this.current = undefined;
    this.stopTrying(why);
  }

  private stopTrying(why: string): void {
    const { attempt } = this;
    this.attempt = undefined;
    attempt?.abort.abort(new Error(why));
    attempt?.connection?.connection.close();
    this.cancelRest?.();
    this.cancelRest = undefined;
  }
}

/** Some of Node's errors hold the reason in their parts only. */
function describe(error: Error): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(String).join("; ");
  return error.message;
}
