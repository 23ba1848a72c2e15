import { checkOutgoing, type HeaderTemplate } from "../hpack/header-template.js";
import { ErrorCode } from "../wire/error-code.js";
import { MAX_STREAM_ID } from "../wire/frame.js";
import type { Output } from "../wire/output.js";
import type { Connection, ConnectionListener } from "./contract.js";
import { consume, hold, openConnectionWindow, release } from "./credit.js";
import { abandon, fail, finish, startDrain } from "./ending.js";
import { tick } from "./lifetime.js";
import type { ConnectionOptions } from "./options.js";
import { greet, receive } from "./receive.js";
import { pump, sendData } from "./send-data.js";
import { sendHeaders, writeHeaders } from "./send-headers.js";
import { CLOSED, ConnectionState, DRAINING, OPEN } from "./state.js";
import type { Stream } from "./stream.js";
import { openStream } from "./stream-table.js";

/** Streams a client assumes it may open before the server's SETTINGS say otherwise (RFC 9113 section 6.5.2 advises ≥ 100). */
const CAPACITY_BEFORE_SETTINGS = 100;

/** Identifiers kept in reserve, so that a rotation can be prepared while calls go on. */
const ROTATE_MARGIN = 1_000_000;

/**
 * Makes one side of a connection and writes its first frames into `out`. `now` is the driver's monotonic time in
 * milliseconds. The listener's events start with the first `receive`.
 */
export function createConnection(
  role: "server" | "client",
  options: ConnectionOptions,
  out: Output,
  listener: (connection: Connection) => ConnectionListener,
  now: number,
): Connection {
  const state = new ConnectionState(role === "server", options, out, SILENT, now);
  const connection = new Engine(state);
  state.listener = listener(connection);
  return connection;
}

const SILENT: ConnectionListener = {
  onHeaders() {},
  onData() {},
  onTrailers() {},
  onReset() {},
  onWritable() {},
};

class Engine implements Connection {
  readonly role: "server" | "client";
  private readonly c: ConnectionState;

  constructor(c: ConnectionState) {
    this.c = c;
    this.role = c.server ? "server" : "client";
    c.counters.connectionsOpened++;
    greet(c);
    openConnectionWindow(c);
  }

  get state(): "open" | "draining" | "closed" {
    const { phase } = this.c;
    if (phase === OPEN) return "open";
    return phase === DRAINING ? "draining" : "closed";
  }

  get streamCount(): number {
    return this.c.streams.size;
  }

  get capacity(): number {
    const { c } = this;
    if (c.server || c.phase !== OPEN) return 0;
    const limit = c.settingsReceived ? c.peer.maxConcurrentStreams : CAPACITY_BEFORE_SETTINGS;
    const ids = (MAX_STREAM_ID - c.nextId) / 2 + 1;
    return Math.max(0, Math.min(limit - c.streams.size, ids));
  }

  get mustRotate(): boolean {
    return !this.c.server && this.c.nextId > MAX_STREAM_ID - 2 * ROTATE_MARGIN;
  }

  open(headers: HeaderTemplate, extra?: readonly string[], end = false, app?: unknown): Stream | undefined {
    const { c } = this;
    if (this.capacity < 1) {
      c.capacityWasZero = true;
      return undefined;
    }
    // Before the stream exists, so that a mistake leaves nothing behind.
    if (extra !== undefined) checkOutgoing(extra);
    const stream = openStream(c, c.nextId);
    c.nextId += 2;
    stream.app = app;
    stream.bodyless = headers.fields[0] === ":method" && headers.fields[1] === "HEAD";
    writeHeaders(c, stream, headers, extra, end);
    return stream;
  }

  sendHeaders(stream: Stream, headers: HeaderTemplate, extra?: readonly string[], end = false): void {
    sendHeaders(this.c, stream, headers, extra, end);
  }

  sendData(stream: Stream, bytes: Uint8Array, end = false, lead?: Uint8Array): boolean {
    return sendData(this.c, stream, bytes, end, lead);
  }

  reset(stream: Stream, code: number): void {
    abandon(this.c, stream, code);
  }

  consume(stream: Stream, octets: number): void {
    consume(this.c, stream, octets);
  }

  hold(stream: Stream, octets: number): boolean {
    return hold(this.c, stream, octets);
  }

  release(stream: Stream, octets: number): void {
    release(this.c, stream, octets);
  }

  drain(limit: number = this.c.options.drainTimeout): void {
    startDrain(this.c, limit);
  }

  close(code: number = ErrorCode.NO_ERROR, text = ""): void {
    fail(this.c, code, text);
  }

  receive(input: Buffer, start: number, now: number): number {
    return receive(this.c, input, start, now);
  }

  get hasQueued(): boolean {
    return this.c.ringHead !== undefined && this.c.sendWindow > 0;
  }

  flush(): void {
    if (this.c.ringHead !== undefined && this.c.phase !== CLOSED) pump(this.c);
  }

  blocked(now: number): void {
    this.c.out.blocked = true;
    this.c.out.blockedSince = now;
  }

  drained(now: number): void {
    const { c } = this;
    c.now = now;
    c.out.blocked = false;
    c.out.control = 0;
    if (c.ringHead !== undefined && c.phase !== CLOSED) c.out.wake();
  }

  tick(now: number): void {
    tick(this.c, now);
  }

  transportClosed(text: string): void {
    finish(this.c, ErrorCode.CONNECT_ERROR, text);
  }
}
