import type { HeaderTemplate } from "../hpack/header-template.js";

/**
 * One stream. A plain record: the engine owns every field but `app`, which the application may use to find its call
 * again without a lookup. The application reads `id`, `remoteOpen`, `localOpen`, `closed`, `queuedBytes`.
 */
export class Stream {
  readonly id: number;
  /** The application's own. */
  app: unknown = undefined;

  /** The peer may still send. */
  remoteOpen = true;
  /** We may still send; false as soon as the end is queued. */
  localOpen = true;
  /** Our END_STREAM is in the output. */
  endSent = false;
  /** Gone from the connection. Every later call on it is ignored. */
  closed = false;
  headersSent = false;
  headersReceived = false;

  sendWindow: number;
  receiveWindow: number;
  /** Given to the application and not yet consumed or held. */
  unconsumed = 0;
  /** Consumed and not yet returned to the peer. */
  credit = 0;
  /** Charged to the receive budget for what is unconsumed. */
  charged = 0;
  /** Charged to the receive budget for what the application holds. */
  held = 0;
  /** content-length of the message, or -1. */
  expected = -1;
  /** Octets of content received. */
  received = 0;
  /** A client's HEAD request: the response has no content whatever its content-length says. */
  bodyless = false;

  /** What waits to be sent: a list from its first to its last chunk. */
  queue: QueuedChunk | undefined = undefined;
  queueTail: QueuedChunk | undefined = undefined;
  queuedBytes = 0;
  /** END_STREAM goes with the last queued octet. */
  endQueued = false;
  trailers: QueuedTrailers | undefined = undefined;
  /** `sendData` has answered false, so `onWritable` is owed. */
  writableOwed = false;
  /** When queued data last moved. */
  progressAt = 0;
  /** Links of the round-robin ring. */
  next: Stream | undefined = undefined;
  inRing = false;

  constructor(id: number, sendWindow: number, receiveWindow: number) {
    this.id = id;
    this.sendWindow = sendWindow;
    this.receiveWindow = receiveWindow;
  }
}

/** Data waiting for a window; nobody changes `bytes` any more. */
export interface QueuedChunk {
  readonly bytes: Uint8Array;
  /** How far it was sent. */
  at: number;
  next: QueuedChunk | undefined;
}

/** Trailers waiting for the data before them. */
export interface QueuedTrailers {
  readonly template: HeaderTemplate;
  readonly extra: readonly string[] | undefined;
}
