import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, connect as netConnect } from "node:net";
import { after, test } from "node:test";
import type { Connection, ConnectionListener } from "../connection/contract.js";
import type { Stream } from "../connection/stream.js";
import { HeaderTemplate } from "../hpack/header-template.js";
import { certificate, key } from "../testing/certificate.fixture.js";
import { parse, requestFields } from "../testing/frames.fixture.js";
import { ErrorCode } from "../wire/error-code.js";
import { GOAWAY } from "../wire/frame.js";
import { connect } from "./connect.js";
import { type Listener, type ListenSettings, listen } from "./listen.js";

const post = new HeaderTemplate(requestFields);
const ok = new HeaderTemplate([":status", "200"]);
const done = new HeaderTemplate(["grpc-status", "0"]);
const MB = 1_048_576;

const listeners: Listener[] = [];
after(() => Promise.all(listeners.map((each) => each.close())));

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Echoes content with back-pressure: consumes only what could be passed on. */
function echo(connection: Connection): ConnectionListener {
  const owed = new Map<Stream, number>();
  return {
    onHeaders: (stream) => connection.sendHeaders(stream, ok),
    onData(stream, chunk, start, end, endStream) {
      const writable = connection.sendData(stream, Buffer.from(chunk.subarray(start, end)));
      if (writable) connection.consume(stream, end - start);
      else owed.set(stream, (owed.get(stream) ?? 0) + end - start);
      if (endStream) connection.sendHeaders(stream, done, undefined, true);
    },
    onTrailers() {},
    onReset: (stream) => owed.delete(stream),
    onWritable(stream) {
      connection.consume(stream, owed.get(stream) ?? 0);
      owed.delete(stream);
    },
  };
}

async function serve(given: Partial<ListenSettings> = {}): Promise<Listener> {
  const listener = await listen({ at: { port: 0, host: "127.0.0.1" }, accept: echo, ...given });
  listeners.push(listener);
  return listener;
}

interface Answer {
  readonly content: Buffer;
  readonly status: string;
}

/** A client whose calls are promises. */
async function channel(
  port: number,
  tls = false,
): Promise<{ connection: Connection; call: (body: Buffer) => Promise<Answer>; closed: Promise<string> }> {
  interface Call {
    parts: Buffer[];
    resolve: (answer: Answer) => void;
    reject: (error: Error) => void;
  }
  const ended = deferred<string>();
  const connection = await connect({
    to: { port, host: "127.0.0.1" },
    ...(tls ? { tls: { ca: certificate, servername: "localhost" } } : {}),
    listener: (made) => ({
      onHeaders() {},
      onData(stream, chunk, start, end) {
        (stream.app as Call).parts.push(Buffer.from(chunk.subarray(start, end)));
        made.consume(stream, end - start);
      },
      onTrailers(stream, list) {
        const call = stream.app as Call;
        call.resolve({ content: Buffer.concat(call.parts), status: list.get("grpc-status") ?? "" });
      },
      onReset: (stream, code) => (stream.app as Call).reject(new Error(`reset ${code}`)),
      onWritable() {},
      onClose: (_code, text) => ended.resolve(text),
    }),
  });
  const call = (body: Buffer): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const app: Call = { parts: [], resolve, reject };
      const stream = connection.open(post, undefined, false, app);
      if (stream === undefined) reject(new Error("no capacity"));
      else connection.sendData(stream, body, true);
    });
  return { connection, call, closed: ended.promise };
}

for (const tls of [false, true]) {
  const name = tls ? "TLS" : "plain";

  test(`${name}: many calls at once, every answer is its own`, async () => {
    const listener = await serve(tls ? { tls: { key, cert: certificate } } : {});
    const { connection, call } = await channel(listener.port, tls);
    const answers = await Promise.all(Array.from({ length: 90 }, (_, i) => call(Buffer.from(`call ${i}`))));
    assert.deepEqual(
      answers.map((answer) => answer.content.toString()),
      Array.from({ length: 90 }, (_, i) => `call ${i}`),
    );
    assert.ok(answers.every((answer) => answer.status === "0"));
    connection.close();
  });

  test(`${name}: 16 MB there and back through 1 MB windows, intact`, async () => {
    const listener = await serve(tls ? { tls: { key, cert: certificate } } : {});
    const { connection, call } = await channel(listener.port, tls);
    const body = Buffer.alloc(16 * MB);
    for (let i = 0; i < body.length; i += 4) body.writeUInt32LE(i, i);
    const { content } = await call(body);
    assert.ok(content.equals(body));
    connection.close();
  });
}

test("who is not admitted hears nothing of HTTP/2, and is counted; others are served", async () => {
  let open = false;
  const asked: string[] = [];
  const admit: ListenSettings["admit"] = ({ address }) => {
    asked.push(address);
    return open;
  };
  const listener = await serve({ admit, tls: { key, cert: certificate } });
  const { closed } = await channel(listener.port, true);
  assert.match(await closed, /closed by the peer|connection lost|ECONNRESET/);
  assert.deepEqual([listener.counters.peersRefused, listener.counters.connectionsOpened], [1, 0]);
  open = true;
  const { connection, call } = await channel(listener.port, true);
  assert.equal((await call(Buffer.from("hello"))).content.toString(), "hello");
  assert.deepEqual(asked, ["127.0.0.1", "127.0.0.1"]);
  connection.close();
});

test("a read with more frames than one turn may handle yields and goes on", async () => {
  const listener = await serve({ connection: { framesPerTurn: 3 } });
  const { connection, call } = await channel(listener.port);
  const answers = await Promise.all(Array.from({ length: 90 }, (_, i) => call(Buffer.alloc(i * 100, i))));
  assert.ok(answers.every(({ content }, i) => content.equals(Buffer.alloc(i * 100, i))));
  connection.close();
});

test("drain: open calls finish, the connection closes, the listener is done", async () => {
  const listener = await serve();
  const { call, connection, closed } = await channel(listener.port);
  await call(Buffer.from("warm"));
  const last = call(Buffer.from("last"));
  const drained = listener.drain();
  assert.equal((await last).content.toString(), "last");
  await drained;
  await closed;
  assert.equal(listener.connectionCount, 0);
  assert.equal(connection.state, "closed");
});

test("a listener that is closed while it drains has drained too", async () => {
  const listener = await serve();
  const { connection, call } = await channel(listener.port);
  connection.open(post, undefined, false, { reject: () => {} });
  await call(Buffer.from("behind it"));
  const drained = listener.drain();
  let done = false;
  void drained.then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(done, false, "a call is open");
  await listener.close();
  await drained;
  assert.equal(listener.connectionCount, 0);
});

test("a client that speaks something else gets a GOAWAY and is disconnected", async () => {
  const listener = await serve();
  const socket = netConnect(listener.port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\n\r\n");
  const chunks: Buffer[] = [];
  socket.on("data", (chunk) => chunks.push(chunk));
  await once(socket, "close");
  assert.equal(parse(Buffer.concat(chunks)).at(-1)?.type, GOAWAY);
  assert.equal(listener.counters.protocolErrors, 1);
});

test("a server that is not HTTP/2 over TLS is refused: no ALPN", async () => {
  const { createServer: createTls } = await import("node:tls");
  const server = createTls({ key, cert: certificate }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await assert.rejects(channel(port, true), /ALPN/);
  server.close();
});

test("connect: refused, aborted before, aborted meanwhile", async () => {
  const free = createServer().listen(0, "127.0.0.1");
  await once(free, "listening");
  const { port } = free.address() as { port: number };
  await new Promise((resolve) => free.close(resolve));
  await assert.rejects(channel(port), /ECONNREFUSED/);
  const listener = (): ConnectionListener => ({
    onHeaders() {},
    onData() {},
    onTrailers() {},
    onReset() {},
    onWritable() {},
  });
  const aborted = AbortSignal.abort(new Error("too late"));
  await assert.rejects(connect({ to: { port, host: "127.0.0.1" }, signal: aborted, listener }), /too late/);
  const controller = new AbortController();
  const pending = connect({ to: { port: 9, host: "192.0.2.1" }, signal: controller.signal, listener });
  controller.abort(new Error("changed my mind"));
  await assert.rejects(pending, /changed my mind/);
});

test("a peer that vanishes resets its calls", async () => {
  const sockets: { destroy: () => void }[] = [];
  const server = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { call, closed } = await channel((server.address() as { port: number }).port);
  const pending = assert.rejects(call(Buffer.from("x")), new RegExp(`reset ${ErrorCode.CONNECT_ERROR}`));
  while (sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
  sockets[0]?.destroy();
  await pending;
  await closed;
  server.close();
});

test("a reader that stops makes the sender stop: nothing is buffered beyond the windows", async () => {
  let stream: Stream | undefined;
  let writes = 0;
  const listener = await serve({
    accept: (connection) => ({
      onHeaders(opened) {
        stream = opened;
        connection.sendHeaders(opened, ok);
        const piece = Buffer.alloc(65_536);
        while (connection.sendData(opened, piece)) writes++;
      },
      onData() {},
      onTrailers() {},
      onReset() {},
      onWritable() {
        writes++;
      },
    }),
  });
  const received = deferred<void>();
  let octets = 0;
  const connection = await connect({
    to: { port: listener.port, host: "127.0.0.1" },
    connection: { streamWindow: 100_000 },
    listener: () => ({
      onHeaders() {},
      onData(_stream, _chunk, start, end) {
        octets += end - start;
        if (octets === 100_000 || octets >= 131_072) received.resolve();
      },
      onTrailers() {},
      onReset() {},
      onWritable() {},
      onCapacity: () => undefined,
    }),
  });
  connection.open(post, undefined, true);
  await Promise.race([received.promise, new Promise((resolve) => setTimeout(resolve, 200).unref())]);
  assert.ok(octets <= 100_000);
  assert.ok((stream?.queuedBytes ?? 0) <= 131_072);
  assert.ok(writes < 10);
  connection.close();
});

test("an application that throws loses its connection, the others live on, and onError hears of it", async () => {
  const errors: unknown[] = [];
  const listener = await serve({
    onError: (error) => errors.push(error),
    accept: (connection) => ({
      ...echo(connection),
      onHeaders(stream, list) {
        if (list.get("te") === undefined) throw new Error("bug in the application");
        connection.sendHeaders(stream, ok);
      },
    }),
  });
  const good = await channel(listener.port);
  const bad = await channel(listener.port);
  const odd = new HeaderTemplate([":method", "GET", ":scheme", "http", ":path", "/"]);
  bad.connection.open(odd, undefined, true, { reject: () => {} });
  await bad.closed;
  assert.match(String(errors), /^Error: bug in the application$/);
  assert.equal((await good.call(Buffer.from("still here"))).status, "0");
  good.connection.close();
});

test("an accept that throws costs its connection only", async () => {
  const errors: unknown[] = [];
  const listener = await serve({
    onError: (error) => errors.push(error),
    accept: () => {
      throw new Error("not today");
    },
  });
  const { closed } = await channel(listener.port);
  await closed;
  assert.match(String(errors), /not today/);
});
