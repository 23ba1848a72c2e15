import assert from "node:assert/strict";
import {
  BufferPool,
  type Connection,
  type ConnectionListener,
  type ConnectionOptions,
  connectionOptions,
  createConnection,
  Output,
  ReceiveBudget,
  type Stream,
} from "@sampan/h2";

/** What the application of an endpoint does when something happens; what it leaves out does nothing. */
export type Application = Partial<
  Pick<ConnectionListener, "onHeaders" | "onData" | "onTrailers" | "onReset" | "onWritable">
>;

const pool = new BufferPool();

/** One engine without sockets: octets and time go in by hand, and what must always hold is checked on the way. */
export class Endpoint {
  readonly connection: Connection;
  readonly budget: ReceiveBudget = new ReceiveBudget(200_000);
  /** In the order in which they appeared, closed ones too. */
  readonly streams: Stream[] = [];
  now = 1000;
  private readonly output: Output;
  private readonly ended = new Set<Stream>();
  private readonly gone = new Set<Stream>();
  private closes = 0;

  constructor(role: "server" | "client", options: Partial<ConnectionOptions>, application: Application) {
    this.output = new Output(pool, { wake() {} });
    const all = connectionOptions({ budget: this.budget, ...options });
    this.connection = createConnection(role, all, this.output, () => this.listener(application), this.now);
  }

  /** As one read; the engine may take it in several turns. */
  receive(octets: Buffer): void {
    for (let at = 0; at < octets.length; ) {
      const next = this.connection.receive(octets, at, this.now);
      assert.ok(next > at && next <= octets.length, "a read makes no progress");
      at = next;
    }
  }

  /** What it has written since the last time. */
  taken(): Buffer {
    const parts: Buffer[] = [];
    for (let turns = 0; turns < 10_000; turns++) {
      this.connection.flush();
      const segments = this.output.take();
      for (const segment of segments) {
        parts.push(Buffer.from(segment.view));
        this.output.recycle(segment);
      }
      if (segments.length === 0 || this.output.blocked) break;
    }
    return Buffer.concat(parts);
  }

  tick(milliseconds: number): void {
    this.now += milliseconds;
    this.connection.tick(this.now);
  }

  /** The transport goes away; nothing may be held afterwards. */
  finish(): void {
    this.connection.transportClosed("the script is over");
    assert.equal(this.connection.state, "closed");
    assert.equal(this.connection.streamCount, 0, "streams are left");
    assert.equal(this.budget.used, 0, "received octets are still charged");
    assert.equal(this.closes, 1, "onClose once");
  }

  private listener({ onHeaders, onData, onTrailers, onReset, onWritable }: Application): ConnectionListener {
    return {
      onHeaders: (stream, headers, end) => {
        if (!this.streams.includes(stream)) this.streams.push(stream);
        this.event(stream, "headers", end);
        onHeaders?.(stream, headers, end);
      },
      onData: (stream, chunk, start, end, endStream) => {
        this.event(stream, "data", endStream);
        onData?.(stream, chunk, start, end, endStream);
      },
      onTrailers: (stream, trailers) => {
        this.event(stream, "trailers", true);
        onTrailers?.(stream, trailers);
      },
      onReset: (stream, code, unprocessed) => {
        assert.ok(!this.gone.has(stream), "reset twice");
        this.gone.add(stream);
        onReset?.(stream, code, unprocessed);
      },
      onWritable: (stream) => onWritable?.(stream),
      onClose: () => {
        this.closes++;
      },
    };
  }

  /** Events of a stream come as headers, data, one end; nothing comes after a reset. */
  private event(stream: Stream, what: string, end: boolean): void {
    assert.equal(this.closes, 0, `${what} after close`);
    assert.ok(!this.gone.has(stream), `${what} after reset`);
    assert.ok(!this.ended.has(stream), `${what} after the end`);
    if (end) this.ended.add(stream);
  }
}
