import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Call, type Code, Dispatcher, type Implementation, implement, RpcError, Runtime } from "@sampan/core";
import type { Channel, Listener } from "@sampan/core/ports";
import {
  type Connection,
  type ConnectionListener,
  connect,
  type HeaderList,
  HeaderTemplate,
  listen,
  type Listener as RawListener,
  type Stream,
} from "@sampan/h2";
import { EchoService } from "@sampan/testkit";
import { grpcTransport } from "./index.js";
import type { GrpcOptions } from "./options.js";

const echoing: Implementation<typeof EchoService> = {
  unary: ({ text, number, body }) => ({ text, number, body }),
  async collect(requests) {
    let number = 0n;
    for await (const _ of requests) number++;
    return { number };
  },
  async *produce({ text, number, body }) {
    for (let i = 0n; i < number; i++) yield { text, number: i, body };
  },
  async *chat(requests) {
    for await (const { text, number, body } of requests) yield { text, number, body };
  },
};

/** A real server; closed when the test ends. */
export async function serveEcho(
  t: TestContext,
  options: GrpcOptions = {},
  changed: Partial<Implementation<typeof EchoService>> = {},
): Promise<Listener & { readonly dispatcher: Dispatcher }> {
  const transport = grpcTransport(options);
  t.after(() => transport.close());
  const runtime = new Runtime({ name: "echo", connect: () => assert.fail("the echo calls nobody") });
  const dispatcher = new Dispatcher(runtime, [implement(EchoService, { ...echoing, ...changed })]);
  const listener = await transport.listen(dispatcher);
  return { address: listener.address, drain: () => listener.drain(), close: () => listener.close(), dispatcher };
}

/** A channel and a root call on it; closed when the test ends. */
export function caller(t: TestContext, target: string, options: GrpcOptions = {}): { root: Call; channel: Channel } {
  const transport = grpcTransport(options);
  t.after(() => transport.close());
  const channel = transport.connect(target);
  const runtime = new Runtime({ name: "caller", connect: () => channel, defaultTimeoutMs: 10_000 });
  return { root: runtime.root({ name: "test" }), channel };
}

async function failureOf(result: Promise<unknown>): Promise<RpcError> {
  const thrown = await result.then(
    () => assert.fail("the call did not fail"),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof RpcError, `${thrown} is no RpcError`);
  return thrown;
}

export async function failsWith(result: Promise<unknown>, code: Code): Promise<RpcError> {
  const error = await failureOf(result);
  assert.equal(error.code, code, `${error}`);
  return error;
}

export async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !condition(); i++) await sleep(5);
  assert.ok(condition(), `${condition}`);
}

/** An HTTP/2 server that answers as a test says. */
export async function rawServer(
  t: TestContext,
  answer: (connection: Connection, stream: Stream, headers: HeaderList) => void,
): Promise<{ port: number; listener: RawListener; connections: Connection[] }> {
  const connections: Connection[] = [];
  const listener = await listen({
    at: { host: "127.0.0.1", port: 0 },
    accept: (connection) => {
      connections.push(connection);
      return {
        onHeaders: (stream, headers) => answer(connection, stream, headers),
        onData: (stream, _, start, end) => connection.consume(stream, end - start),
        onTrailers() {},
        onReset() {},
        onWritable() {},
      };
    },
  });
  t.after(() => listener.close());
  return { port: listener.port, listener, connections };
}

/** What a raw client has been answered. */
export interface RawAnswer {
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;
  readonly trailers: Readonly<Record<string, string>>;
  readonly content: Buffer;
}

/** Sends one request as it is given, octets and all. */
export async function rawCall(
  t: TestContext,
  address: string,
  fields: Readonly<Record<string, string>>,
  content: Uint8Array = framed(new Uint8Array(0)),
  path = "/sampan.test.v1.EchoService/Unary",
): Promise<RawAnswer> {
  let headers: HeaderList | undefined;
  const chunks: Buffer[] = [];
  let done!: (trailers: HeaderList | undefined) => void;
  const ended = new Promise<HeaderList | undefined>((resolve) => {
    done = resolve;
  });
  const listener: ConnectionListener = {
    onHeaders(_, list, end) {
      headers = list;
      if (end) done(undefined);
    },
    onData(stream, chunk, start, end) {
      chunks.push(Buffer.from(chunk.subarray(start, end)));
      connection.consume(stream, end - start);
    },
    onTrailers: (_, list) => done(list),
    onReset: () => done(undefined),
    onWritable() {},
  };
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  const connection = await connect({ to: { host: "127.0.0.1", port }, listener: () => listener });
  t.after(() => connection.close());
  const request = { ":method": "POST", ":scheme": "http", ":path": path, ":authority": "test", ...defaults, ...fields };
  const stream = connection.open(new HeaderTemplate(Object.entries(request).flat()));
  assert.ok(stream);
  connection.sendData(stream, content, true);
  const trailers = await ended;
  return {
    status: headers?.status ?? 0,
    fields: record(headers),
    trailers: record(trailers),
    content: Buffer.concat(chunks),
  };
}

const defaults = { te: "trailers", "content-type": "application/grpc" };

function record(list: HeaderList | undefined): Record<string, string> {
  const found: Record<string, string> = {};
  for (let i = 0; i < (list?.fields.length ?? 0); i += 2)
    found[list?.fields[i] as string] = list?.fields[i + 1] as string;
  return found;
}

/** Messages with their prefixes. */
export function framed(...bodies: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    bodies.flatMap((body) => {
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(body.length, 1);
      return [prefix, body];
    }),
  );
}
