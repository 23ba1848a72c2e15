import type { Connection, ConnectionListener } from "../connection/contract.js";
import { createConnection } from "../connection/engine.js";
import { type ConnectionOptions, connectionOptions } from "../connection/options.js";
import type { Stream } from "../connection/stream.js";
import type { HeaderList } from "../headers/header-list.js";
import { type Counters, createCounters } from "../limits/counters.js";
import * as wire from "../wire/frame.js";
import { CLIENT_PREFACE } from "../wire/frame.js";
import { BufferPool, Output } from "../wire/output.js";
import { type Frame, parse, settings, settingsAck } from "./frames.fixture.js";

/** What the application saw, in order. Data is copied, as the contract demands. */
export type Event =
  | { readonly type: "headers"; readonly stream: Stream; readonly list: HeaderList; readonly end: boolean }
  | { readonly type: "data"; readonly stream: Stream; readonly content: Buffer; readonly end: boolean }
  | { readonly type: "trailers"; readonly stream: Stream; readonly list: HeaderList }
  | { readonly type: "reset"; readonly stream: Stream; readonly code: number; readonly unprocessed: boolean }
  | { readonly type: "writable"; readonly stream: Stream }
  | { readonly type: "capacity" }
  | { readonly type: "goaway"; readonly code: number; readonly last: number; readonly text: string }
  | { readonly type: "close"; readonly code: number; readonly text: string };

export interface LabSettings extends Partial<ConnectionOptions> {
  /** Consume data in the event, as most applications do. Default true. */
  readonly consume?: boolean;
  readonly on?: Partial<ConnectionListener>;
}

/** One connection under test with the time in our hands; the peer is written by hand, frame by frame. */
export class Lab {
  readonly connection: Connection;
  readonly output: Output;
  readonly counters: Counters;
  readonly events: Event[] = [];
  now = 1000;
  /** How often the engine asked for a flush. */
  wakes = 0;

  constructor(role: "server" | "client", given: LabSettings = {}) {
    const { consume = true, on = {}, ...options } = given;
    this.counters = given.counters ?? createCounters();
    this.output = new Output(new BufferPool(), { wake: () => this.wakes++ });
    const { events } = this;
    this.connection = createConnection(
      role,
      connectionOptions({ counters: this.counters, ...options }),
      this.output,
      (connection) => ({
        onHeaders(stream, list, end) {
          events.push({ type: "headers", stream, list, end });
          on.onHeaders?.(stream, list, end);
        },
        onData(stream, chunk, start, end, endStream) {
          events.push({ type: "data", stream, content: Buffer.from(chunk.subarray(start, end)), end: endStream });
          if (consume) connection.consume(stream, end - start);
          on.onData?.(stream, chunk, start, end, endStream);
        },
        onTrailers(stream, list) {
          events.push({ type: "trailers", stream, list });
          on.onTrailers?.(stream, list);
        },
        onReset(stream, code, unprocessed) {
          events.push({ type: "reset", stream, code, unprocessed });
          on.onReset?.(stream, code, unprocessed);
        },
        onWritable(stream) {
          events.push({ type: "writable", stream });
          on.onWritable?.(stream);
        },
        onCapacity: () => events.push({ type: "capacity" }),
        onGoaway: (code, last, text) => events.push({ type: "goaway", code, last, text }),
        onClose: (code, text) => events.push({ type: "close", code, text }),
      }),
      this.now,
    );
  }

  /** Gives octets to the connection as one read; yields are taken at once. */
  feed(...octets: Uint8Array[]): this {
    const input = Buffer.concat(octets);
    for (let at = 0; at < input.length; ) at = this.connection.receive(input, at, this.now);
    return this;
  }

  /** Everything written since the last call, as the transport would see it. */
  octets(): Buffer {
    this.connection.flush();
    const segments = this.output.take();
    const all = Buffer.concat(segments.map((segment) => segment.view));
    for (const segment of segments) this.output.recycle(segment);
    if (!this.output.blocked) this.output.control = 0;
    return all;
  }

  /** The frames written since the last call. */
  sent(): Frame[] {
    const octets = this.octets();
    const preface = octets.subarray(0, CLIENT_PREFACE.length).equals(CLIENT_PREFACE) ? CLIENT_PREFACE.length : 0;
    return parse(octets.subarray(preface));
  }

  sentOf(type: number): Frame[] {
    return this.sent().filter((each) => each.type === type);
  }

  of<T extends Event["type"]>(type: T): Extract<Event, { type: T }>[] {
    return this.events.filter((event): event is Extract<Event, { type: T }> => event.type === type);
  }

  advance(milliseconds: number): this {
    this.now += milliseconds;
    this.connection.tick(this.now);
    return this;
  }

  /** The code of the GOAWAY among the frames written since the last call, or undefined. */
  goawayCode(): number | undefined {
    return this.sentOf(wire.GOAWAY).at(-1)?.payload.readUInt32BE(4);
  }
}

/** A server past the handshake, its own greeting read. */
export function server(given: LabSettings = {}, ...peerSettings: [number, number][]): Lab {
  const lab = new Lab("server", given).feed(CLIENT_PREFACE, settings(...peerSettings), settingsAck);
  lab.sent();
  return lab;
}

/** A client past the handshake. */
export function client(given: LabSettings = {}, ...peerSettings: [number, number][]): Lab {
  const lab = new Lab("client", given).feed(settings(...peerSettings), settingsAck);
  lab.sent();
  lab.events.length = 0;
  return lab;
}

/** Carries octets between two labs until both are quiet. */
export function converse(a: Lab, b: Lab): void {
  for (let quiet = 0; quiet < 2; ) {
    quiet = 0;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      const octets = from.octets();
      if (octets.length === 0) quiet++;
      else to.feed(octets);
    }
  }
}
