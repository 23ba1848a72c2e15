import { HeaderTemplate, type Stream } from "@sampan/h2";
import type { Step } from "../target.js";
import { Endpoint } from "./endpoint.js";
import { OutputJudge } from "./output-judge.js";
import { ack, endHeaders, endStream, frame, literals, parseFrames, preface, settings, type, uint32 } from "./wire.js";

export const requestFields: readonly string[] = [
  ":method",
  "POST",
  ":scheme",
  "http",
  ":path",
  "/s.S/M",
  ":authority",
  "a",
  "te",
  "trailers",
];
const request = new HeaderTemplate(requestFields);
const answer = new HeaderTemplate([":status", "200", "content-type", "application/grpc"]);
const trailers = new HeaderTemplate(["grpc-status", "0"]);

/** Small, so that limits are reached in few steps. */
const limits = {
  streamWindow: 3000,
  connectionWindow: 70_000,
  maxConcurrentStreams: 5,
  maxHeaderListSize: 2000,
  streamQueueMark: 5000,
  connectionQueueLimit: 100_000,
  controlQueueLimit: 20_000,
};

/**
 * One engine and a peer that follows a script. The first word of a step says who acts:
 *
 *     server | client                      which side is tested (first step; server when it is missing)
 *     cut <n>                              from here on, octets arrive in pieces of n
 *     settings <id>=<value> …, ack, ping, octets <hex>
 *     request|answer|trailers <id> [end]   header blocks that are right for it
 *     data <id> <n> [end], update <id> <n>, reset <id> <code>, goaway <last> <code>
 *     frame <type> <flags> <id> <hex>
 *     app <what> <index> <n>               the application acts on the index-th stream that it knows
 *     tick <ms>, block, unblock            time and transport
 */
export function converse(steps: readonly Step[]): void {
  new Conversation(steps[0]?.[0] === "client" ? "client" : "server").run(steps);
}

class Conversation {
  private readonly endpoint: Endpoint;
  private readonly judge = new OutputJudge();
  private readonly role: "server" | "client";
  private cut = Number.POSITIVE_INFINITY;
  private prefaceRead = false;

  constructor(role: "server" | "client") {
    this.role = role;
    this.endpoint = new Endpoint(role, limits, {
      onData: (stream, _chunk, start, end) => {
        // Streams of every fourth request are read late, by `app consume`.
        if (stream.id % 8 !== 7) this.endpoint.connection.consume(stream, end - start);
      },
    });
    if (role === "server") this.deliver(preface);
  }

  run(steps: readonly Step[]): void {
    this.look();
    for (const step of steps) {
      this.step(step);
      this.look();
    }
    this.endpoint.finish();
  }

  /** The judge reads what was written up to now. */
  private look(): void {
    let octets = this.endpoint.taken();
    if (this.role === "client" && !this.prefaceRead && octets.length > 0) {
      if (!octets.subarray(0, preface.length).equals(preface)) throw new Error("the client begins without its preface");
      octets = octets.subarray(preface.length);
      this.prefaceRead = true;
    }
    this.judge.see(parseFrames(octets));
  }

  private deliver(octets: Buffer): void {
    for (let at = 0; at < octets.length; at += this.cut) this.endpoint.receive(octets.subarray(at, at + this.cut));
  }

  private step([word = "", ...args]: Step): void {
    const [a = 0, b = 0] = args.map(Number);
    const end = args.includes("end") ? endStream : 0;
    switch (word) {
      case "cut":
        this.cut = Math.max(1, a);
        break;
      case "settings":
        this.settings(args);
        break;
      case "ack":
        this.deliver(frame(type.settings, ack, 0));
        break;
      case "ping":
        this.deliver(frame(type.ping, 0, 0, Buffer.alloc(8, 1)));
        break;
      case "octets":
        this.deliver(Buffer.from(args[0] ?? "", "hex"));
        break;
      case "request":
      case "answer":
      case "trailers":
        this.deliver(frame(type.headers, endHeaders | end, a, literals(fieldsOf[word])));
        break;
      case "data":
        this.deliver(frame(type.data, end, a, Buffer.alloc(b)));
        break;
      case "update":
        // Before it arrives, because what it allows may be sent at once.
        if (b > 0) this.judge.sentWindowUpdate(a, b);
        this.deliver(frame(type.windowUpdate, 0, a, uint32(b)));
        break;
      case "reset":
        this.deliver(frame(type.reset, 0, a, uint32(b)));
        break;
      case "goaway":
        this.deliver(frame(type.goaway, 0, 0, uint32(a, b)));
        break;
      case "frame":
        this.frame(a, b, Number(args[2]), Buffer.from(args[3] ?? "", "hex"));
        break;
      case "app":
        this.act(args[0] ?? "", b, Number(args[2]));
        break;
      case "tick":
        this.endpoint.tick(a);
        break;
      case "block":
        this.endpoint.connection.blocked(this.endpoint.now);
        break;
      case "unblock":
        this.endpoint.connection.drained(this.endpoint.now);
        break;
      default:
        break;
    }
  }

  private settings(args: readonly string[]): void {
    const pairs = args.map((pair) => pair.split("=").map(Number) as [number, number]);
    this.judge.sentSettings(pairs);
    this.deliver(settings(pairs));
  }

  private frame(kind: number, flags: number, id: number, payload: Buffer): void {
    if (kind === type.windowUpdate && payload.length === 4) {
      const increment = payload.readUInt32BE(0) & 0x7fff_ffff;
      if (increment > 0) this.judge.sentWindowUpdate(id & 0x7fff_ffff, increment);
    } else if (kind === type.settings && (flags & ack) === 0 && id === 0 && payload.length % 6 === 0) {
      const pairs = Array.from(
        { length: payload.length / 6 },
        (_, i) => [payload.readUInt16BE(i * 6), payload.readUInt32BE(i * 6 + 2)] as const,
      );
      this.judge.sentSettings(pairs);
    }
    this.deliver(frame(kind, flags, id, payload));
  }

  private act(what: string, index: number, size: number): void {
    const { connection, streams } = this.endpoint;
    if (what === "drain") {
      connection.drain();
      return;
    }
    if (what === "close") {
      connection.close(size % 14);
      return;
    }
    if (what === "open" && connection.role === "client") {
      const opened = connection.open(request, ["x-n", String(size)], size % 2 === 0);
      if (opened !== undefined) streams.push(opened);
    }
    const stream: Stream | undefined = streams[index % Math.max(1, streams.length)];
    if (stream === undefined) return;
    if (what === "respond" && connection.role === "server" && !stream.headersSent)
      connection.sendHeaders(stream, answer);
    else if (what === "data" && stream.headersSent) connection.sendData(stream, Buffer.alloc(size), size % 5 === 0);
    else if (what === "finish" && stream.headersSent) connection.sendHeaders(stream, trailers, undefined, true);
    else if (what === "consume") connection.consume(stream, Math.min(size, stream.unconsumed));
    else if (what === "hold") connection.hold(stream, Math.min(size, stream.unconsumed));
    else if (what === "release") connection.release(stream, Math.min(size, stream.held));
    else if (what === "reset") connection.reset(stream, size % 14);
  }
}

const fieldsOf: Readonly<Record<string, readonly string[]>> &
  Record<"request" | "answer" | "trailers", readonly string[]> = {
  request: requestFields,
  answer: [":status", "200", "content-type", "application/grpc"],
  trailers: ["grpc-status", "0"],
};
