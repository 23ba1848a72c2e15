import { ReceiveBudget } from "../flow/receive-budget.js";
import { type Counters, createCounters } from "../limits/counters.js";
import type { FloodLimit } from "../limits/flood-meter.js";

/**
 * Everything that can be set on a connection. Sizes in octets, times in milliseconds; 0 turns a timer off. The
 * defaults and where they come from are listed in the package's README.
 */
export interface ConnectionOptions {
  /** Receive window of each stream. */
  readonly streamWindow: number;
  /** Receive window of the connection, at least 65 535; also the bound on octets given out and not yet consumed. */
  readonly connectionWindow: number;
  /** Streams the peer may have open at once. */
  readonly maxConcurrentStreams: number;
  readonly maxFrameSize: number;
  /** Largest header list accepted (RFC 9113 section 6.5.2); larger requests are answered 431. */
  readonly maxHeaderListSize: number;
  /** Decoder's dynamic table. */
  readonly headerTableSize: number;
  /** CONTINUATION frames that may follow one HEADERS frame. */
  readonly maxContinuations: number;

  /** Octets queued on one stream above which `sendData` answers false. */
  readonly streamQueueMark: number;
  /** Octets queued on all streams above which the stream that asks for more is reset. */
  readonly connectionQueueLimit: number;
  /** Control octets that may wait for a transport that does not drain. */
  readonly controlQueueLimit: number;

  /** Silence after which a PING is sent. */
  readonly keepaliveInterval: number;
  /** Silence after that PING which ends the connection. */
  readonly keepaliveTimeout: number;
  /** Keepalive also while no stream is open. */
  readonly keepaliveWithoutStreams: boolean;
  /** PINGs of the peer closer together than this are strikes; the third ends the connection (gRFC A8). */
  readonly minPingInterval: number;
  /** For the peer's SETTINGS, the acknowledgement of ours, a TLS handshake, and an unfinished header block. */
  readonly handshakeTimeout: number;
  /** Without streams for this long: drain. */
  readonly idleTimeout: number;
  /** Since the connection was opened: drain. Whoever opens many connections adds jitter here. */
  readonly maxAge: number;
  /** From the start of a drain until the remaining streams are reset. */
  readonly drainTimeout: number;
  /** Queued data of a stream, or a transport, without progress for this long is given up. */
  readonly stallTimeout: number;

  /** Resets by the peer, or provoked by it; a completed stream pays one back. */
  readonly resetLimit: FloodLimit;
  /** PING, SETTINGS, PRIORITY, WINDOW_UPDATE, empty and unknown frames; useful frames pay one back. */
  readonly controlLimit: FloodLimit;
  /** Frames handled per `receive` before it yields to the event loop. */
  readonly framesPerTurn: number;

  /** Budget of received octets for this connection. */
  readonly connectionBudget: number;
  /** Budget of received octets shared by the process. */
  readonly budget: ReceiveBudget;
  readonly counters: Counters;
}

const MB = 1_048_576;

/** `given` over the defaults. A missing budget or counter record is made for this object alone. */
export function connectionOptions(given: Partial<ConnectionOptions> = {}): ConnectionOptions {
  return {
    streamWindow: MB,
    connectionWindow: MB,
    maxConcurrentStreams: 1000,
    maxFrameSize: 16_384,
    maxHeaderListSize: 16_384,
    headerTableSize: 4096,
    maxContinuations: 16,
    streamQueueMark: 65_536,
    connectionQueueLimit: 64 * MB,
    controlQueueLimit: 65_536,
    keepaliveInterval: 0,
    keepaliveTimeout: 20_000,
    keepaliveWithoutStreams: false,
    minPingInterval: 0,
    handshakeTimeout: 10_000,
    idleTimeout: 0,
    maxAge: 0,
    drainTimeout: 30_000,
    stallTimeout: 120_000,
    resetLimit: { burst: 1000, perSecond: 33 },
    controlLimit: { burst: 5000, perSecond: 500 },
    framesPerTurn: 1000,
    connectionBudget: 64 * MB,
    budget: given.budget ?? new ReceiveBudget(512 * MB),
    counters: given.counters ?? createCounters(),
    ...given,
  };
}
