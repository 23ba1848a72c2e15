import type { Connection, Stream } from "@sampan/h2";

/** Octets before each message: a flag and the length (gRPC over HTTP/2, "Length-Prefixed-Message"). */
export const prefixLength = 5;

/** Who is told of messages. `owed` octets are to be consumed and `held` ones released once the message is done with. */
export interface MessageSink {
  /**
   * One message, `input[start, end)`, valid only until the call returns; but one that fills `input`, from 0 to its
   * length, was assembled in a buffer of its own, which is the receiver's from now on.
   */
  onMessage(input: Buffer, start: number, end: number, flag: number, owed: number, held: number): void;
  /** A message of `size` octets is announced, more than the limit. Nothing follows. */
  onOversized(size: number): void;
  /** The receive budgets are spent. Nothing follows. */
  onOverBudget(): void;
}

/** What is allocated for an announced message before its octets come; a lie about the length costs no more (ours). */
const firstPiece = 65_536;

/** How much larger the next buffer is, so that 1 MB is allocated at once when a first piece has come (ours). */
const growth = 16;

/** A first piece that no message uses now. */
let spare: Buffer | undefined;

/**
 * Cuts the content of one stream into messages. Messages that lie in one chunk are given out where they lie; others
 * are assembled. While `eager`, octets of an unfinished message are held (their windows return at once, so a message
 * may be larger than a window); otherwise they stay owed and the peer stops.
 */
export class MessageReader {
  private readonly connection: Connection;
  private readonly stream: Stream;
  private readonly limit: number;
  private readonly sink: MessageSink;
  private readonly head: Uint8Array = new Uint8Array(prefixLength);
  private headLength = 0;
  private body: Buffer | undefined = undefined;
  private bodyLength = 0;
  private needed = 0;
  private owed = 0;
  private held = 0;
  private stopped = false;
  private eager = true;

  constructor(connection: Connection, stream: Stream, limit: number, sink: MessageSink) {
    this.connection = connection;
    this.stream = stream;
    this.limit = limit;
    this.sink = sink;
  }

  /** Whether the content may end here. */
  get between(): boolean {
    return this.headLength === 0;
  }

  /** Drops everything from here on. */
  stop(): void {
    this.stopped = true;
    this.connection.consume(this.stream, this.owed);
    this.connection.release(this.stream, this.held);
    this.body = undefined;
    this.owed = 0;
    this.held = 0;
  }

  setEager(eager: boolean): void {
    this.eager = eager;
    if (!eager || this.owed === 0 || this.stopped) return;
    const octets = this.owed;
    this.owed = 0;
    this.hold(octets);
  }

  take(chunk: Buffer, start: number, end: number): void {
    let at = this.headLength === 0 || this.stopped ? start : this.fill(chunk, start, end);
    while (!this.stopped && end - at >= prefixLength) {
      const length = lengthAt(chunk, at + 1);
      if (length > this.limit) {
        this.oversized(length);
        break;
      }
      const next = at + prefixLength + length;
      if (next > end) break;
      const from = at + prefixLength;
      at = next;
      this.sink.onMessage(chunk, from, next, chunk[from - prefixLength] as number, prefixLength + length, 0);
    }
    if (this.stopped) this.connection.consume(this.stream, end - at);
    else if (at < end) this.fill(chunk, at, end);
  }

  /** Adds to the unfinished message; returns how far the chunk is used. */
  private fill(chunk: Buffer, start: number, end: number): number {
    let at = start;
    while (this.headLength < prefixLength && at < end) this.head[this.headLength++] = chunk[at++] as number;
    if (this.headLength < prefixLength) {
      this.count(at - start);
      return at;
    }
    if (this.body === undefined) {
      this.needed = lengthAt(this.head, 1);
      if (this.needed > this.limit) {
        this.owed += at - start;
        this.oversized(this.needed);
        return at;
      }
      this.body = this.needed > firstPiece ? takeFirstPiece() : Buffer.allocUnsafeSlow(this.needed);
      this.bodyLength = 0;
    }
    const piece = Math.min(end - at, this.needed - this.bodyLength);
    this.grow(piece);
    this.body.set(chunk.subarray(at, at + piece), this.bodyLength);
    this.bodyLength += piece;
    at += piece;
    if (this.bodyLength < this.needed) this.count(at - start);
    else this.complete(at - start);
    return at;
  }

  private complete(octets: number): void {
    const { body, needed, held } = this;
    const owed = this.owed + octets;
    this.body = undefined;
    this.headLength = 0;
    this.owed = 0;
    this.held = 0;
    this.sink.onMessage(body as Buffer, 0, needed, this.head[0] as number, owed, held);
  }

  private grow(piece: number): void {
    const body = this.body as Buffer;
    const wanted = this.bodyLength + piece;
    if (wanted <= body.length) return;
    const bigger = Buffer.allocUnsafeSlow(Math.min(this.needed, Math.max(wanted, body.length * growth)));
    bigger.set(body);
    this.body = bigger;
    if (body.length === firstPiece) spare = body;
  }

  private count(octets: number): void {
    if (this.eager) this.hold(octets);
    else this.owed += octets;
  }

  private hold(octets: number): void {
    if (this.connection.hold(this.stream, octets)) {
      this.held += octets;
      return;
    }
    this.stopped = true;
    this.body = undefined;
    this.sink.onOverBudget();
  }

  private oversized(size: number): void {
    this.stop();
    this.sink.onOversized(size);
  }
}

function takeFirstPiece(): Buffer {
  const piece = spare ?? Buffer.allocUnsafeSlow(firstPiece);
  spare = undefined;
  return piece;
}

/** Hot: an unsigned 32-bit integer, most significant octet first. */
export function lengthAt(input: Uint8Array, at: number): number {
  return (
    (input[at] as number) * 0x1000000 +
    (((input[at + 1] as number) << 16) | ((input[at + 2] as number) << 8) | (input[at + 3] as number))
  );
}
