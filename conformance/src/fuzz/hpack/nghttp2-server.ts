import { once } from "node:events";
import { createServer, type Http2Server } from "node:http2";
import { type AddressInfo, connect, type Socket } from "node:net";
import { ack, frame, preface, settings, type } from "../engine/wire.js";
import { type Decoded, goawayCode, headersFrame } from "./decoding.js";

/** What a peer would wait for at most. */
const answerTimeoutMs = 2000;

/** Another implementation of HPACK: nghttp2, which Node's own HTTP/2 server is made of. */
export class Nghttp2Server {
  private readonly server: Http2Server = createServer({ settings: { headerTableSize: 4096 } });
  private readonly lists: Map<number, readonly string[]> = new Map();
  private listening: Promise<unknown> | undefined;

  constructor() {
    this.server.on("stream", (stream, _headers, _flags, ...more: unknown[]) => {
      const [raw] = more as [string[]];
      this.lists.set(
        stream.id as number,
        raw.filter((_, i) => !raw[i - (i % 2)]?.startsWith(":")),
      );
      stream.on("error", () => {});
      stream.respond({ ":status": 200 }, { endStream: true });
    });
    this.server.on("sessionError", () => {});
  }

  async decode(blocks: readonly Buffer[]): Promise<Decoded> {
    this.listening ??= once(this.server.listen(0, "127.0.0.1"), "listening");
    await this.listening;
    this.lists.clear();
    const socket = connect((this.server.address() as AddressInfo).port, "127.0.0.1");
    // The answer to a PING tells that everything before it was read.
    socket.write(
      Buffer.concat([preface, settings([]), ...blocks.map(headersFrame), frame(type.ping, 0, 0, Buffer.alloc(8, 7))]),
    );
    const output = await answerOf(socket);
    socket.destroy();
    return { lists: new Map(this.lists), broken: goawayCode(output) === 9 };
  }

  /** Does not wait: the server loses count of connections that ended with an error, and would never be closed. */
  close(): void {
    if (this.listening !== undefined) this.server.close();
  }
}

/** Everything until the PING is answered, or the connection closed. */
function answerOf(socket: Socket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let output = Buffer.alloc(0);
    const timer = setTimeout(() => reject(new Error("nghttp2 does not answer")), answerTimeoutMs);
    const done = (): void => {
      clearTimeout(timer);
      resolve(output);
    };
    socket.on("data", (chunk: Buffer) => {
      output = Buffer.concat([output, chunk]);
      if (hasPong(output) || goawayCode(output) >= 0) done();
    });
    socket.on("error", done);
    socket.on("close", done);
  });
}

function hasPong(octets: Buffer): boolean {
  for (let at = 0; at + 9 <= octets.length; at += 9 + octets.readUIntBE(at, 3)) {
    if (octets[at + 3] === type.ping && ((octets[at + 4] as number) & ack) !== 0) return true;
  }
  return false;
}
