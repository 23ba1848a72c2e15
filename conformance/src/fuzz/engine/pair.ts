import assert from "node:assert/strict";
import { HeaderTemplate, type Stream } from "@sampan/h2";
import type { Random } from "../random.js";
import type { Step, Target } from "../target.js";
import { requestFields } from "./conversation.js";
import { Endpoint } from "./endpoint.js";

const request = new HeaderTemplate(requestFields);
const answer = new HeaderTemplate([":status", "200"]);
const windows = { streamWindow: 5000, connectionWindow: 65_535, maxConcurrentStreams: 20 };

/**
 * Two of our engines with a wire between them that hands over any number of octets at a time. What one sends the other
 * must get, whole and in order, and once everybody reads on, everything must arrive: no window may be lost on the way.
 *
 *     open, send client|server <index> <octets> [end], carry client|server <octets>,
 *     read client|server <index> <octets>, tick <ms>
 */
export const pair: Target = {
  name: "pair",
  generate(random: Random) {
    const steps: Step[] = [["open"]];
    for (let n = 10 + random.below(120); n > 0; n--) {
      const side = random.pick(["client", "server"]);
      const size = String(random.below(2 ** random.below(16)));
      switch (random.below(6)) {
        case 0:
          steps.push(["open"]);
          break;
        case 1:
        case 2:
          steps.push(["send", side, String(random.below(8)), size, ...(random.chance(0.1) ? ["end"] : [])]);
          break;
        case 3:
        case 4:
          steps.push(["carry", side, size]);
          break;
        default:
          steps.push(random.chance(0.1) ? ["tick", "1000"] : ["read", side, String(random.below(8)), size]);
      }
    }
    return steps;
  },
  run: (steps) => new Pair().run(steps),
};

/** Octet `at` of what a side sends on a stream. */
const octetAt = (side: Side, id: number, at: number): number =>
  (at * 7 + id * 13 + (side.name === "client" ? 0 : 101)) & 255;

class Side {
  readonly name: "client" | "server";
  readonly endpoint: Endpoint;
  readonly sent = new Map<number, number>();
  readonly received = new Map<number, number>();
  readonly finished = new Set<number>();
  /** Not yet carried to the other side. */
  wire: Buffer = Buffer.alloc(0);
  other!: Side;

  constructor(name: "client" | "server") {
    this.name = name;
    this.endpoint = new Endpoint(name, windows, {
      onHeaders: (stream, _headers, end) => {
        if (name === "server") this.endpoint.connection.sendHeaders(stream, answer);
        if (end) this.finished.add(stream.id);
      },
      onData: (stream, chunk, start, end, endStream) => {
        let at = this.received.get(stream.id) ?? 0;
        for (let i = start; i < end; i++) assert.equal(chunk[i], octetAt(this.other, stream.id, at++), "content");
        this.received.set(stream.id, at);
        if (endStream) this.finished.add(stream.id);
      },
      onReset: (stream, code) => assert.fail(`stream ${stream.id} was reset with ${code}`),
    });
  }

  send(stream: Stream, octets: number, end: boolean): void {
    if (!stream.localOpen || !stream.headersSent) return;
    // A server that ends first stops its client by RST_STREAM, and what was on its way is dropped, as it should be.
    if (end && this.name === "server" && stream.remoteOpen) return;
    const from = this.sent.get(stream.id) ?? 0;
    const bytes = Buffer.alloc(octets);
    for (let i = 0; i < octets; i++) bytes[i] = octetAt(this, stream.id, from + i);
    this.sent.set(stream.id, from + octets);
    this.endpoint.connection.sendData(stream, bytes, end);
  }

  carry(octets: number): number {
    this.wire = Buffer.concat([this.wire, this.endpoint.taken()]);
    const piece = this.wire.subarray(0, octets);
    this.wire = this.wire.subarray(piece.length);
    if (piece.length > 0) this.other.endpoint.receive(piece);
    return piece.length;
  }

  read(stream: Stream, octets: number): void {
    this.endpoint.connection.consume(stream, Math.min(octets, stream.unconsumed));
  }
}

class Pair {
  private readonly client = new Side("client");
  private readonly server = new Side("server");

  run(steps: readonly Step[]): void {
    this.client.other = this.server;
    this.server.other = this.client;
    for (const step of steps) this.step(step);
    this.settle();
    this.client.endpoint.finish();
    this.server.endpoint.finish();
  }

  private step([word, name, ...rest]: Step): void {
    if (word === "open") {
      const stream = this.client.endpoint.connection.open(request);
      if (stream !== undefined) this.client.endpoint.streams.push(stream);
      return;
    }
    if (word === "tick") {
      for (const side of [this.client, this.server]) side.endpoint.tick(Number(name));
      return;
    }
    const side = name === "client" ? this.client : this.server;
    if (word === "carry") {
      side.carry(Number(rest[0]));
      return;
    }
    const { streams } = side.endpoint;
    const stream = streams[Number(rest[0]) % Math.max(1, streams.length)];
    if (stream === undefined) return;
    if (word === "send") side.send(stream, Number(rest[1]), rest.includes("end"));
    else if (word === "read") side.read(stream, Number(rest[1]));
  }

  /** Everybody ends what is open and reads everything. */
  private settle(): void {
    const sides = [this.client, this.server];
    this.carryAll();
    for (const side of sides) {
      for (const stream of side.endpoint.streams) side.send(stream, 1, true);
      this.carryAll();
    }
    for (const side of sides) {
      for (const stream of side.endpoint.streams) {
        assert.equal(
          side.received.get(stream.id) ?? 0,
          side.other.sent.get(stream.id) ?? 0,
          `octets of stream ${stream.id} to the ${side.name}`,
        );
        assert.ok(side.finished.has(stream.id), `the end of stream ${stream.id} has not reached the ${side.name}`);
      }
      assert.equal(side.endpoint.connection.streamCount, 0);
    }
  }

  private carryAll(): void {
    for (let quiet = 0; quiet < 2; ) {
      const moved = this.client.carry(Number.POSITIVE_INFINITY) + this.server.carry(Number.POSITIVE_INFINITY);
      for (const side of [this.client, this.server]) {
        for (const stream of side.endpoint.streams) side.read(stream, Number.POSITIVE_INFINITY);
      }
      quiet = moved === 0 ? quiet + 1 : 0;
    }
  }
}
