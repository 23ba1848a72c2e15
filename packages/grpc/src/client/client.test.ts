import assert from "node:assert/strict";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { Code, CoreErrors, type Metadata } from "@sampan/core";
import { type Connection, ErrorCode, HeaderTemplate, type Stream } from "@sampan/h2";
import { EchoService } from "@sampan/testkit";
import { caller, failsWith, framed, rawServer, serveEcho } from "../testing.fixture.js";

const grpc = new HeaderTemplate([":status", "200", "content-type", "application/grpc"]);
const trailers = (...fields: string[]): HeaderTemplate => new HeaderTemplate(fields);

function answerOk(connection: Connection, stream: Stream): void {
  connection.sendHeaders(stream, grpc);
  connection.sendData(stream, framed(new Uint8Array(0)));
  connection.sendHeaders(stream, trailers("grpc-status", "0"), undefined, true);
}

test("an answer that is not gRPC fails with the code of its HTTP status", async (t) => {
  let status = 0;
  const { port } = await rawServer(t, (connection, stream) => {
    connection.sendHeaders(stream, trailers(":status", String(status), "content-type", "text/html"));
    connection.sendData(stream, Buffer.from("<html>"), true);
  });
  const { root } = caller(t, `127.0.0.1:${port}`);
  for (const [given, code] of [
    [503, Code.Unavailable],
    [404, Code.Unimplemented],
    [401, Code.Unauthenticated],
    [400, Code.Internal],
    [403, Code.PermissionDenied],
    [429, Code.Unavailable],
    [200, Code.Unknown],
  ] as const) {
    status = given;
    const error = await failsWith(root.to(EchoService).unary({}), code);
    assert.match(error.message, new RegExp(`HTTP ${given}`));
  }
});

test("an answer in another format than protobuf is none", async (t) => {
  const { port } = await rawServer(t, (connection, stream) => {
    connection.sendHeaders(stream, trailers(":status", "200", "content-type", "application/grpc+json"));
    connection.sendData(stream, framed(new Uint8Array(0)));
    connection.sendHeaders(stream, trailers("grpc-status", "0"), undefined, true);
  });
  const error = await failsWith(caller(t, `127.0.0.1:${port}`).root.to(EchoService).unary({}), Code.Unknown);
  assert.match(error.message, /application\/grpc\+json/);
});

test("an answer without a status, without a message, or with two is a failure", async (t) => {
  const answers: ((connection: Connection, stream: Stream) => void)[] = [
    (connection, stream) => connection.sendData(stream, framed(new Uint8Array(0)), true),
    (connection, stream) => connection.sendHeaders(stream, trailers("x-other", "1"), undefined, true),
    (connection, stream) => connection.sendHeaders(stream, trailers("grpc-status", "0"), undefined, true),
    (connection, stream) => {
      connection.sendData(stream, framed(new Uint8Array(0), new Uint8Array(0)));
      connection.sendHeaders(stream, trailers("grpc-status", "0"), undefined, true);
    },
    (connection, stream) => {
      connection.sendData(stream, framed(new Uint8Array(9)).subarray(0, 8));
      connection.sendHeaders(stream, trailers("grpc-status", "0"), undefined, true);
    },
  ];
  const { port } = await rawServer(t, (connection, stream) => {
    connection.sendHeaders(stream, grpc);
    answers.shift()?.(connection, stream);
  });
  const { root } = caller(t, `127.0.0.1:${port}`);
  for (const code of [Code.Unknown, Code.Unknown, Code.Unimplemented, Code.Unimplemented, Code.Internal]) {
    await failsWith(root.to(EchoService).unary({}), code);
  }
});

test("trailers alone are an answer, with their metadata", async (t) => {
  const only = trailers(
    ":status",
    "200",
    "content-type",
    "application/grpc",
    "grpc-status",
    "9",
    "grpc-message",
    "not%20now",
    "x-tail",
    "yes",
  );
  const { port } = await rawServer(t, (connection, stream) => connection.sendHeaders(stream, only, undefined, true));
  const { root } = caller(t, `127.0.0.1:${port}`);
  let tail: Metadata | undefined;
  const error = await failsWith(
    root.to(EchoService).unary({}, { onTrailers: (found) => (tail = found) }),
    Code.FailedPrecondition,
  );
  assert.equal(error.message, "not now");
  assert.equal(tail?.get("x-tail"), "yes");
});

test("RST_STREAM becomes the code that belongs to it", async (t) => {
  const codes = [
    ErrorCode.CANCEL,
    ErrorCode.ENHANCE_YOUR_CALM,
    ErrorCode.INTERNAL_ERROR,
    ErrorCode.INADEQUATE_SECURITY,
  ];
  const { port } = await rawServer(t, (connection, stream) => connection.reset(stream, codes.shift() ?? 0));
  const { root } = caller(t, `127.0.0.1:${port}`);
  for (const code of [Code.Canceled, Code.ResourceExhausted, Code.Internal, Code.PermissionDenied]) {
    await failsWith(root.to(EchoService).unary({}), code);
  }
});

test("a stream that was refused is opened once more, of every kind, and not a third time", async (t) => {
  let refusals = 1;
  let opened = 0;
  const { port } = await rawServer(t, (connection, stream) => {
    opened++;
    if (refusals-- > 0) connection.reset(stream, ErrorCode.REFUSED_STREAM);
    else answerOk(connection, stream);
  });
  const { root } = caller(t, `127.0.0.1:${port}`);
  const echo = root.to(EchoService);
  async function* requests(): AsyncGenerator<object> {
    yield { text: "kept" };
    yield { text: "too" };
  }
  await echo.unary({});
  refusals = 1;
  assert.equal((await echo.produce({}).next()).done, false);
  refusals = 1;
  await echo.collect(requests());
  refusals = 1;
  assert.equal((await echo.chat(requests()).next()).done, false);
  assert.equal(opened, 8);
  refusals = 5;
  await failsWith(echo.unary({}), Code.Unavailable);
  assert.equal(opened, 10);
});

test("a stream that was refused behind its first response is not opened again", async (t) => {
  let opened = 0;
  const { port } = await rawServer(t, (connection, stream) => {
    opened++;
    connection.sendHeaders(stream, grpc);
    connection.reset(stream, ErrorCode.REFUSED_STREAM);
  });
  const echo = caller(t, `127.0.0.1:${port}`).root.to(EchoService);
  await failsWith(echo.unary({}), Code.Unavailable);
  await failsWith(echo.produce({}).next(), Code.Unavailable);
  assert.equal(opened, 2);
});

test("a request stream that outgrew the replay buffer is not sent again", async (t) => {
  let refuse: (() => void) | undefined;
  let opened = 0;
  const { port } = await rawServer(t, (connection, stream) => {
    opened++;
    refuse = () => connection.reset(stream, ErrorCode.REFUSED_STREAM);
  });
  const { root } = caller(t, `127.0.0.1:${port}`, { replayBytes: 1000 });
  async function* requests(): AsyncGenerator<object> {
    yield { body: new Uint8Array(2000) };
    refuse?.();
    await new Promise(() => {});
  }
  // The stream may reach the server only after the first message was made.
  const answer = root.to(EchoService).collect(requests());
  const nudge = setInterval(() => refuse?.(), 5);
  await failsWith(answer, Code.Unavailable);
  clearInterval(nudge);
  assert.equal(opened, 1);
});

test("a status that comes before the request has ended stands, and ends the caller's stream", async (t) => {
  const { port } = await rawServer(t, (connection, stream) => answerOk(connection, stream));
  const { root } = caller(t, `127.0.0.1:${port}`);
  let returned = false;
  async function* endless(): AsyncGenerator<object> {
    try {
      for (;;) {
        yield { text: "more" };
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } finally {
      returned = true;
    }
  }
  await root.to(EchoService).collect(endless());
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(returned);
});

/** First connections are answered with these octets after the client's first frames; later ones reach the target. */
async function goawayFirst(t: TestContext, target: number, frames: Buffer): Promise<number> {
  const sockets = new Set<Socket>();
  let first = true;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    if (!first) {
      const onward = connectTcp(target, "127.0.0.1");
      onward.on("error", () => socket.destroy());
      socket.pipe(onward).pipe(socket);
      sockets.add(onward);
      return;
    }
    first = false;
    // SETTINGS, empty; then, when a HEADERS frame must have come, the rest.
    socket.write(Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]));
    let seen = 0;
    socket.on("data", (chunk: Buffer) => {
      seen += chunk.length;
      if (seen > 200) socket.write(frames);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** GOAWAY with a last id and no error (RFC 9113 section 6.8). */
function goaway(lastId: number): Buffer {
  const frame = Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  frame.writeUInt32BE(lastId, 9);
  return frame;
}

test("calls above the last id of a GOAWAY go to the next connection", async (t) => {
  const { address } = await serveEcho(t);
  const port = await goawayFirst(t, Number(address.split(":").at(-1)), goaway(0));
  const { root } = caller(t, `127.0.0.1:${port}`);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => root.to(EchoService).unary({ number: BigInt(i) })),
  );
  assert.deepEqual(
    answers.map(({ number }) => Number(number)),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
});

test("calls that the server may have acted on are not sent again when the connection is lost", async (t) => {
  let opened = 0;
  const { port, connections } = await rawServer(t, () => {
    opened++;
    connections[0]?.close(ErrorCode.INTERNAL_ERROR, "broken");
  });
  const { root } = caller(t, `127.0.0.1:${port}`);
  const error = await failsWith(root.to(EchoService).unary({}), Code.Unavailable);
  assert.ok(CoreErrors.UNAVAILABLE.is(error));
  assert.equal(opened, 1);
});

test("compression both ways, of every kind, for messages that are worth it", async (t) => {
  const { address } = await serveEcho(t, { compression: "gzip" });
  const { root } = caller(t, address, { compression: "gzip" });
  const echo = root.to(EchoService);
  const body = new Uint8Array(300_000).map((_, i) => (i * 7) % 31);
  async function* requests(): AsyncGenerator<object> {
    yield { body };
    yield { text: "small" };
    yield { body: body.subarray(1) };
  }
  assert.deepEqual((await echo.unary({ body })).body, body);
  assert.equal((await echo.collect(requests())).number, 3n);
  const sizes: number[] = [];
  for await (const answer of echo.chat(requests())) sizes.push(answer.body.length);
  assert.deepEqual(sizes, [300_000, 0, 299_999]);
});

test("messages larger than the windows cross them, many at once", async (t) => {
  const small = { connection: { streamWindow: 65_535, connectionWindow: 200_000 } };
  const { address } = await serveEcho(t, small);
  const { root } = caller(t, address, small);
  const body = new Uint8Array(5_000_000).map((_, i) => i % 251);
  const answers = await Promise.all(Array.from({ length: 4 }, () => root.to(EchoService).unary({ body })));
  for (const answer of answers) assert.equal(Buffer.compare(answer.body, body), 0);
});

test("more than the receive budget at once: some calls fail with ResourceExhausted, the others are served", async (t) => {
  const { address } = await serveEcho(t, { connection: { connectionBudget: 3_000_000 } });
  const { root } = caller(t, address);
  const body = new Uint8Array(1_400_000);
  const calls = Array.from({ length: 8 }, () => root.to(EchoService).unary({ body }));
  const results = await Promise.allSettled(calls);
  const failed = results.filter((result) => result.status === "rejected");
  assert.ok(failed.length > 0 && failed.length < 8, `${failed.length} failed`);
  assert.ok(failed.every(({ reason }) => (reason as { code: Code }).code === Code.ResourceExhausted));
  assert.equal((await root.to(EchoService).unary({ body })).body.length, body.length);
});
