import { ReceiveBudget } from "../flow/receive-budget.js";
import type { BlockMemo } from "../hpack/block-memo.js";
import { HpackDecoder } from "../hpack/decoder.js";
import { HpackEncoder } from "../hpack/encoder.js";
import { TemplateCache } from "../hpack/header-template.js";
import type { Counters } from "../limits/counters.js";
import { FloodMeter } from "../limits/flood-meter.js";
import { DEFAULT_WINDOW } from "../wire/frame.js";
import type { Output } from "../wire/output.js";
import { initialSettings, type Settings } from "../wire/settings.js";
import { ClosedStreams } from "./closed-streams.js";
import type { ConnectionListener } from "./contract.js";
import type { ConnectionOptions } from "./options.js";
import type { Stream } from "./stream.js";
import { StreamMap } from "./stream-map.js";

export const OPEN = 0;
export const DRAINING = 1;
export const CLOSED = 2;

/**
 * The whole memory of a connection. The functions of this folder change it in place; nothing else does.
 *
 * One class with every field set in the constructor, so that all connections have one shape and field access in the
 * frame loop stays monomorphic.
 */
export class ConnectionState {
  readonly server: boolean;
  readonly options: ConnectionOptions;
  readonly counters: Counters;
  readonly out: Output;
  /** Set once, before the first `receive`. */
  listener: ConnectionListener;

  phase: number = OPEN;
  now: number;

  readonly streams: StreamMap = new StreamMap();
  /** Highest identifier the peer has opened. */
  lastPeerId = 0;
  /** Next identifier we open (client). */
  nextId = 1;
  readonly ended: ClosedStreams = new ClosedStreams(128);
  readonly resets: ClosedStreams = new ClosedStreams(1024);

  readonly peer: Settings = initialSettings();
  settingsReceived = false;
  settingsAcked = false;

  sendWindow: number = DEFAULT_WINDOW;
  receiveWindow: number = DEFAULT_WINDOW;
  /** Consumed on the connection and not yet returned. */
  credit = 0;
  readonly budget: ReceiveBudget;
  /** Octets queued on all streams. */
  queuedBytes = 0;
  /** Round-robin ring of streams with something to send and a window to send it in. */
  ringHead: Stream | undefined = undefined;
  ringTail: Stream | undefined = undefined;

  readonly decoder: HpackDecoder;
  readonly encoder: HpackEncoder = new HpackEncoder();
  readonly templates: TemplateCache = new TemplateCache();
  memo: BlockMemo | undefined = undefined;

  /** Octets of a frame (or the preface) that has not arrived completely. */
  carry: Buffer | undefined = undefined;
  carryLength = 0;
  /** Octets that it takes to complete it, or to learn its length. */
  carrySize = 0;
  prefaceDue: boolean;
  /** A header block whose CONTINUATION frames are still due: its stream, or 0. */
  blockStream = 0;
  blockEnd = false;
  blockSelfDependent = false;
  blockContinuations = 0;
  /** When the unfinished block began. */
  blockSince = 0;
  block: Buffer | undefined = undefined;
  blockLength = 0;

  readonly resetMeter: FloodMeter;
  readonly controlMeter: FloodMeter;
  pingStrikes = 0;
  /** Headers or data were sent after the peer's last PING. */
  sentSincePing = false;
  lastPeerPing: number = Number.NEGATIVE_INFINITY;

  openedAt: number;
  lastReadAt: number;
  /** Since when there are no streams. */
  idleSince: number;
  keepaliveSentAt = -1;
  /** When we began to drain; -1 also while only the peer has said GOAWAY. */
  drainStartedAt = -1;
  /** When streams that remain are reset. */
  drainUntil: number = Number.POSITIVE_INFINITY;
  /** The drain's PING has not come back, so streams may still be racing the first GOAWAY. */
  drainPingPending = false;
  /** Last id of our GOAWAY; streams above are ignored. */
  goawayLast: number = Number.POSITIVE_INFINITY;
  /** Last id of the peer's GOAWAY; it never rises. */
  peerGoawayLast: number = Number.POSITIVE_INFINITY;
  capacityWasZero = false;

  constructor(server: boolean, options: ConnectionOptions, out: Output, listener: ConnectionListener, now: number) {
    this.server = server;
    this.options = options;
    this.counters = options.counters;
    this.out = out;
    this.listener = listener;
    this.now = now;
    this.prefaceDue = server;
    this.budget = new ReceiveBudget(options.connectionBudget, options.budget);
    this.decoder = new HpackDecoder(Math.max(4096, options.headerTableSize));
    this.resetMeter = new FloodMeter(options.resetLimit);
    this.controlMeter = new FloodMeter(options.controlLimit);
    this.openedAt = now;
    this.lastReadAt = now;
    this.idleSince = now;
  }
}
