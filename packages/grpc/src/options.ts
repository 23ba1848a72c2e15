import type { Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { ConnectionOptions } from "@sampan/h2";
import type { Health } from "./services/health.js";
import type { ClientTls, ServerTls } from "./tls/credentials.js";
import type { Encoding } from "./wire/gzip.js";

/**
 * Whose `x-sampan-*` headers a server believes (tenant, release tag, user, baggage, calling service). From all others
 * they are dropped.
 *
 * - `verified`: connections with a client certificate that was verified (mTLS);
 * - `local`: these, loopback and unix sockets, which is also how a mesh sidecar delivers;
 * - `all`: everybody; for a network that only Sampan processes reach;
 * - `none`.
 */
export type Trust = "verified" | "local" | "all" | "none";

export interface ReconnectOptions {
  /** First wait after a failed attempt, ms. Default 100 (gRPC: 1000; a restarted process is back sooner). */
  readonly initialMs?: number;
  /** Longest wait, ms. Default 20000 (gRPC: 120000). */
  readonly maxMs?: number;
  /** Each wait is so many times the one before. Default 1.6 (grpc/grpc `doc/connection-backoff.md`). */
  readonly factor?: number;
  /** Share by which a wait varies either way. Default 0.2 (the same). */
  readonly jitter?: number;
  /** An attempt that takes longer has failed, ms. Default 20000 (the same). */
  readonly connectTimeoutMs?: number;
  /** Names are looked up at most so often, ms. Default 5000. */
  readonly resolveIntervalMs?: number;
}

export interface GrpcOptions {
  /** Where `listen` binds: `host:port`, `[v6]:port`, `unix:path`. Default `127.0.0.1:0`. */
  readonly address?: string;
  readonly tls?: { readonly server?: ServerTls; readonly client?: ClientTls };
  /** Default: `verified` when the listener asks for client certificates, else `local`. */
  readonly trust?: Trust;
  /** Limit of one received message in octets, before and after decompression. Default 16 MiB. */
  readonly maxMessageBytes?: number;
  /**
   * Limit of one sent message in octets, before compression. Default none, as in other gRPC implementations: memory is
   * guarded by who receives, and only the receiver knows its limit. Set it to fail early, before anything is sent.
   */
  readonly maxSendMessageBytes?: number;
  /** Compression of sent messages above 1 KB, where the peer accepts it. Default identity. */
  readonly compression?: Encoding;
  /** Calls in flight on one connection. Default: what the server's SETTINGS allow. */
  readonly maxInFlight?: number;
  /** Calls of a channel that may wait for a connection. Default 10000. */
  readonly maxQueued?: number;
  /**
   * Calls wait while no server can be reached, until their deadline, instead of failing at once. Default false. A call's
   * own `waitForReady` comes first.
   */
  readonly waitForReady?: boolean;
  /**
   * A channel without calls for so long closes its connections in peace, ms; the next call connects again. 0 keeps them.
   * Default 30 minutes (gRPC channel options, `GRPC_ARG_CLIENT_IDLE_TIMEOUT_MS`).
   */
  readonly idleTimeoutMs?: number;
  /** Octets of a request stream kept to be sent again when the server refuses the stream. Default 256 KiB. */
  readonly replayBytes?: number;
  readonly reconnect?: ReconnectOptions;
  /** What `grpc.health.v1.Health` answers; false serves none. Default: SERVING until drained. */
  readonly health?: Health | false;
  /** Serves `grpc.reflection.v1` and `v1alpha`. Default true. */
  readonly reflection?: boolean;
  /**
   * Whether the errors that a server's transport and runtime make (an unknown method, a message too large, a deadline)
   * carry `google.rpc.ErrorInfo` with the reason they are registered under. Default true; clients tell such errors apart
   * by it. Without it they are code and message, as other gRPC servers send them. Only `ErrorInfo` of the domains `core`
   * and `grpc` is left out: errors of services keep theirs.
   */
  readonly transportErrorInfo?: boolean;
  /** Options of the HTTP/2 engine: windows, keepalive, idle time, age, limits. */
  readonly connection?: Partial<ConnectionOptions>;
  /** Of reconnection, idleness and the life of certificates. Calls take their time from their own runtime. */
  readonly clock?: Clock;
  readonly logger?: Logger;
}

export const defaultMaxMessageBytes = 16_777_216;
