import type { Socket } from "node:net";
import type { Connection } from "../connection/contract.js";
import { ErrorCode } from "../wire/error-code.js";
import { type BufferPool, Output, type OutputDriver, type Segment } from "../wire/output.js";
import type { FlushQueue } from "./flush-queue.js";

/**
 * Between one connected socket and one connection: reads octets in, writes the output, reports back-pressure and the
 * end. Owns the socket. Ends it after the engine has ended the output, and destroys it when the peer does not follow.
 */

/** How long a closing socket may take to be closed by the peer; destroying at once could lose the GOAWAY. */
const LINGER = 1000;

export class SocketDriver implements OutputDriver {
  readonly output: Output;
  private readonly socket: Socket;
  private readonly queue: FlushQueue;
  private readonly report: (error: unknown) => void;
  private connection: Connection | undefined;
  /** Segments with a buffer to give back whose write has not completed, in order. */
  private readonly inFlight: Segment[] = [];
  private rest: Buffer | undefined;
  private restAt = 0;
  private ending = false;
  private error = "";
  private readonly written: () => void;

  constructor(socket: Socket, queue: FlushQueue, pool: BufferPool, report: (error: unknown) => void = rethrow) {
    this.socket = socket;
    this.report = report;
    this.queue = queue;
    this.output = new Output(pool, this);
    this.written = () => {
      const segment = this.inFlight.shift();
      if (segment !== undefined) this.output.recycle(segment);
    };
  }

  /** Starts reading. `closed` is called once, when the socket is gone. */
  start(connection: Connection, closed: () => void): void {
    this.connection = connection;
    const { socket } = this;
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.read(chunk, 0));
    socket.on("drain", () => {
      connection.drained(performance.now());
      this.queue.add(this);
    });
    socket.on("error", (error) => {
      this.error = error.message;
    });
    socket.on("end", () => connection.transportClosed("closed by the peer"));
    socket.on("close", () => {
      this.rest = undefined;
      connection.transportClosed(this.error || "connection lost");
      closed();
    });
  }

  wake(): void {
    this.queue.add(this);
  }

  tick(now: number): void {
    try {
      this.connection?.tick(now);
    } catch (error) {
      this.failed(error);
    }
  }

  flush(): void {
    try {
      this.flushOutput();
    } catch (error) {
      this.failed(error);
    }
  }

  private flushOutput(): void {
    const { socket, output, connection } = this;
    if (connection === undefined || socket.destroyed) return;
    if (output.blocked && !output.ended) return;
    connection.flush();
    const segments = output.take();
    if (segments.length > 0 && !this.ending) this.write(segments);
    if (output.ended && !this.ending) this.end();
  }

  private write(segments: Segment[]): void {
    const { socket, output } = this;
    const several = segments.length > 1;
    if (several) socket.cork();
    let open = true;
    for (const segment of segments) {
      if (segment.base.length === 0) {
        open = socket.write(segment.view);
      } else {
        this.inFlight.push(segment);
        open = socket.write(segment.view, this.written);
      }
    }
    if (several) socket.uncork();
    if (open) {
      output.control = 0;
      // Data that did not fit into this turn goes with the next.
      if (this.connection?.hasQueued === true) output.wake();
    } else {
      this.connection?.blocked(performance.now());
    }
  }

  private read(chunk: Buffer, start: number): void {
    const connection = this.connection as Connection;
    if (this.rest !== undefined) {
      // Paused sockets may still deliver what they have already buffered.
      this.rest = Buffer.concat([this.rest.subarray(this.restAt), chunk]);
      this.restAt = 0;
      return;
    }
    let at = chunk.length;
    try {
      at = connection.receive(chunk, start, performance.now());
    } catch (error) {
      this.failed(error);
    }
    if (at >= chunk.length) return;
    this.rest = chunk;
    this.restAt = at;
    this.socket.pause();
    setImmediate(() => this.resume());
  }

  private resume(): void {
    const chunk = this.rest;
    if (chunk === undefined) return;
    this.rest = undefined;
    this.read(chunk, this.restAt);
    if (this.rest === undefined) this.socket.resume();
  }

  /** The application has thrown inside an event: its connection cannot go on, the others can. */
  private failed(error: unknown): void {
    try {
      this.connection?.close(ErrorCode.INTERNAL_ERROR, "internal error");
    } catch {
      this.socket.destroy();
    }
    this.report(error);
  }

  private end(): void {
    this.ending = true;
    const { socket } = this;
    socket.end();
    if (socket.writableLength > 0 && this.output.blocked) {
      // The peer does not read, so the farewell cannot arrive either.
      socket.destroy();
      return;
    }
    setTimeout(() => socket.destroy(), LINGER).unref();
  }
}

/** Lets the process see an exception without unwinding the event loop's other work. */
export function rethrow(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}
