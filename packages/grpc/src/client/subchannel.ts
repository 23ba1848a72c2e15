import type { ConnectionOptions as TlsConnectOptions } from "node:tls";
import type { CancelTimer, Clock } from "@sampan/core";
import { type ConnectionOptions, connect } from "@sampan/h2";
import type { Endpoint } from "../wire/target.js";
import { type BackoffPolicy, backoffMs } from "./backoff.js";
import { ClientConnection, type ConnectionOwner } from "./client-connection.js";

export interface SubchannelSettings {
  /** Called for each attempt, so that certificates may have changed. */
  readonly tls: () => TlsConnectOptions | undefined;
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

/**
 * One address and the connection to it.
 *
 *     idle ──connect──▶ connecting ──SETTINGS──▶ ready ──GOAWAY, lost, not used──▶ idle
 *                           └──────failed──▶ resting ──time──▶ idle
 *
 * A connection counts as made when the server's SETTINGS have come: what accepts and closes at once is a failure, and
 * waits grow. Connections that the server is leaving live on until their calls have ended.
 */
export class Subchannel implements ConnectionOwner {
  state: "idle" | "connecting" | "ready" | "resting" | "closed" = "idle";
  readonly endpoint: Endpoint;
  private readonly settings: SubchannelSettings;
  private readonly owner: SubchannelOwner;
  private current: ClientConnection | undefined = undefined;
  private readonly connections: Set<ClientConnection> = new Set();
  private failures = 0;
  private attempt: AbortController | undefined = undefined;
  private cancelRest: CancelTimer | undefined = undefined;
  private keepaliveInterval: number;

  constructor(endpoint: Endpoint, settings: SubchannelSettings, owner: SubchannelOwner) {
    this.endpoint = endpoint;
    this.settings = settings;
    this.owner = owner;
    this.keepaliveInterval = settings.connection.keepaliveInterval ?? 0;
  }

  /** Hot: the connection that takes a call now, if any. */
  get usable(): ClientConnection | undefined {
    const { current } = this;
    if (this.state !== "ready" || current === undefined || !current.free) return undefined;
    if (!current.connection.mustRotate) return current;
    this.leave(current);
    current.connection.drain();
    return undefined;
  }

  /** Starts an attempt when none is under way, none has just failed, and there is no connection. */
  connect(): void {
    if (this.state !== "idle") return;
    this.state = "connecting";
    const attempt = new AbortController();
    this.attempt = attempt;
    const { connectTimeoutMs, clock, connection } = this.settings;
    const cancel = clock.timer(connectTimeoutMs, () => attempt.abort(new Error("connecting took too long")), {
      background: true,
    });
    const { host, port, path } = this.endpoint;
    const tls = this.settings.tls();
    connect({
      to: path === undefined ? { host, port } : { path },
      ...(tls === undefined ? {} : { tls }),
      connection: { ...connection, keepaliveInterval: this.keepaliveInterval },
      signal: attempt.signal,
      listener: (made) => {
        const current = new ClientConnection(made, this, this.settings.maxInFlight);
        this.current = current;
        this.connections.add(current);
        return current;
      },
    })
      .catch((error: unknown) => this.failed(error instanceof Error ? describe(error) : String(error)))
      .finally(cancel);
  }

  close(): void {
    this.state = "closed";
    this.cancelRest?.();
    this.attempt?.abort(new Error("the channel was closed"));
    for (const { connection } of [...this.connections]) connection.close();
  }

  /** Gives the connection up; calls in work may end. The address stays, and `connect` makes another connection. */
  idle(): void {
    const { current } = this;
    if (this.state !== "ready" || current === undefined) return;
    this.current = undefined;
    this.state = "idle";
    current.connection.drain();
  }

  /** No new calls; those in work may end. For an address that is no longer named. */
  drain(): void {
    this.state = "closed";
    this.cancelRest?.();
    this.attempt?.abort(new Error("the address is no longer named"));
    for (const { connection } of [...this.connections]) connection.drain();
  }

  onCapacity(connection: ClientConnection): void {
    if (connection !== this.current) return;
    if (this.state === "connecting") {
      this.state = "ready";
      this.failures = 0;
    }
    if (this.state === "ready") this.owner.onUsable();
  }

  onLeaving(connection: ClientConnection, tooManyPings: boolean): void {
    if (tooManyPings) this.keepaliveInterval *= 2;
    this.leave(connection);
  }

  onClosed(connection: ClientConnection, why: string): void {
    this.connections.delete(connection);
    if (connection === this.current && this.state === "connecting") this.failed(why);
    else this.leave(connection);
  }

  private leave(connection: ClientConnection): void {
    if (connection !== this.current) return;
    this.current = undefined;
    if (this.state !== "ready") return;
    this.state = "idle";
    this.owner.onLost();
  }

  private failed(why: string): void {
    if (this.state !== "connecting") return;
    this.current = undefined;
    this.failures++;
    this.state = "resting";
    const wait = backoffMs(this.settings.backoff, this.failures, Math.random());
    // Not in the background: calls may wait for it, and a process must not end under them.
    this.cancelRest = this.settings.clock.timer(wait, () => {
      if (this.state !== "resting") return;
      this.state = "idle";
      this.owner.onRested(this);
    });
    this.owner.onFailure(why);
  }
}

/** Some of Node's errors hold the reason in their parts only. */
function describe(error: Error): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(String).join("; ");
  return error.message;
}
