import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, CoreErrors, detail, Metadata, RpcError } from "@sampan/core";
import { EchoRequestSchema } from "@sampan/testkit";
import fc from "fast-check";
import { GrpcErrors } from "../errors.js";
import { decodeBinary, encodeBinary } from "./binary-value.js";
import { compress, decompress } from "./gzip.js";
import { appendMetadata, metadataOf } from "./metadata-fields.js";
import { decodePercent, encodeMessage, encodeToken } from "./percent.js";
import { codeFromHttpStatus, codeFromReset } from "./status-codes.js";
import { errorOf, failureFields, readEnd } from "./status-fields.js";
import { parseAddress, parseTarget } from "./target.js";
import { formatTimeout, parseTimeout } from "./timeout.js";

test("a timeout is never shortened by being written, and by at most a unit lengthened", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1e12, noNaN: true }), (ms) => {
      const text = formatTimeout(ms);
      const back = parseTimeout(text) as number;
      assert.match(text, /^[0-9]{1,8}[HMSmun]$/);
      const unit = { m: 1, S: 1000, H: 3_600_000 }[text.slice(-1)] as number;
      assert.ok(back >= ms && back <= ms + unit + 1000, `${ms} became ${text}`);
    }),
  );
  assert.equal(parseTimeout("1500u"), 1.5);
  assert.equal(parseTimeout("2000000n"), 2);
  assert.equal(parseTimeout("2M"), 120_000);
});

test("a timeout that is not well formed is none", () => {
  for (const text of ["", "m", "5", "5x", "123456789m", "-1m", "1.5S", " 1m", "1 m", "１m"]) {
    assert.equal(parseTimeout(text), undefined, text);
  }
});

test("messages of any text survive percent-encoding, in printable ASCII", () => {
  const text = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.string({ unit: "binary" }),
    fc.constantFrom("100%", "%41", "a\tb\r\n"),
  );
  fc.assert(
    fc.property(text, (message) => {
      const proper = Buffer.from(message).toString();
      assert.match(encodeMessage(message), /^[\x20-\x7e]*$/);
      assert.match(encodeToken(message), /^[0-9A-Za-z%._~-]*$/);
      assert.equal(decodePercent(encodeMessage(message)), proper);
      assert.equal(decodePercent(encodeToken(message)), proper);
    }),
  );
  assert.equal(encodeMessage("plain, text!"), "plain, text!");
});

test("what is no escape stays as it is", () => {
  for (const text of ["%", "100%", "%zz", "%4", "a%2"]) assert.equal(decodePercent(text), text);
  assert.equal(decodePercent("%e8%8c%b6"), "茶");
});

test("bytes survive base64, padded or not, standard or URL-safe", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = encodeBinary(bytes);
      const padded = Buffer.from(bytes).toString("base64");
      assert.ok(!text.includes("="));
      for (const form of [text, padded, Buffer.from(bytes).toString("base64url")]) {
        assert.deepEqual(decodeBinary(form), bytes);
      }
    }),
  );
  for (const text of ["a", "abc$", "ab=c", "茶"]) assert.equal(decodeBinary(text), undefined, text);
});

test("metadata survives as fields; a list in one field is taken apart", () => {
  const key = fc.stringMatching(/^[a-z][a-z0-9_.]{0,10}$/);
  const value = fc.string({ unit: "grapheme-ascii", maxLength: 30 });
  const pairs = fc.array(
    fc.oneof(
      fc.tuple(key, value),
      fc.tuple(
        key.map((name) => `${name}-bin`),
        fc.uint8Array(),
      ),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(pairs, (list) => {
      const metadata = Metadata.of(list.filter(([name]) => !["te", "host", "upgrade", "connection"].includes(name)));
      const fields: string[] = [];
      appendMetadata(fields, metadata);
      assert.deepEqual([...(metadataOf(fields) ?? [])], [...metadata]);
    }),
  );
  const joined = metadataOf(["x-a-bin", "AQ,Ag==, Aw", "x-b", "1, 2"]);
  assert.deepEqual(joined?.getAll("x-a-bin"), [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]);
  assert.deepEqual(joined?.getAll("x-b"), ["1, 2"]);
});

test("reserved names cannot be sent and are not shown; what is not well formed is dropped", () => {
  for (const name of [
    "grpc-status",
    "x-sampan-tenant",
    "te",
    "content-type",
    "traceparent",
    "connection",
    "user-agent",
  ]) {
    assert.throws(
      () => appendMetadata([], Metadata.of({ [name]: "x" })),
      (error) => GrpcErrors.RESERVED_METADATA.is(error),
    );
    assert.equal(metadataOf([name, "x"]), undefined);
  }
  assert.equal(metadataOf(["x-bad-bin", "$$", "x bad", "1", "x-latin", "\xe9"]), undefined);
});

test("a failure survives as trailers, with details and metadata", () => {
  const error = new RpcError(Code.Aborted, "说明 100%\n", {
    details: [detail(EchoRequestSchema, create(EchoRequestSchema, { text: "细节" }))],
    metadata: Metadata.of({ "retry-after": "5" }),
  });
  const end = readEnd(failureFields(error, Metadata.of({ "x-tail": "end" })));
  const back = errorOf(end, Code.Aborted);
  assert.deepEqual([end.code, back.message, back.details], [Code.Aborted, error.message, error.details]);
  assert.deepEqual(
    [...(end.metadata ?? [])],
    [
      ["x-tail", "end"],
      ["retry-after", "5"],
    ],
  );
});

test("an error that is sent again and again has the same fields, which no call's trailers get into", () => {
  const error = new RpcError(Code.Unavailable, "busy", {
    details: [detail(EchoRequestSchema, create(EchoRequestSchema))],
  });
  const alone = [...failureFields(error, undefined)];
  for (let i = 0; i < 3; i++) {
    assert.deepEqual(failureFields(error, undefined), alone);
    assert.deepEqual(failureFields(error, Metadata.of({ "x-tail": "end" })), [...alone, "x-tail", "end"]);
  }
  assert.equal(failureFields(error, undefined), failureFields(error, undefined), "made once");
  const metadata = Metadata.of({ "retry-after": "5" });
  const changing = new RpcError(Code.Unavailable, "busy", { metadata });
  for (const seconds of ["5", "6", "7"]) {
    metadata.set("retry-after", seconds);
    assert.equal(failureFields(changing, undefined).at(-1), seconds, "metadata may change");
  }
});

test("a status that is unknown, not a number, or with broken details is still an answer", () => {
  assert.equal(readEnd(["grpc-status", "99"]).code, Code.Unknown);
  assert.equal(readEnd(["grpc-status", "x"]).code, Code.Unknown);
  assert.equal(readEnd([]).code, undefined);
  for (const details of ["$", "AAAA", "/////w"]) {
    const end = readEnd(["grpc-status", "5", "grpc-message", "gone", "grpc-status-details-bin", details]);
    assert.equal(errorOf(end, Code.NotFound).message, "gone");
  }
});

test("HTTP statuses and resets as the specification maps them", () => {
  const statuses = [400, 401, 403, 404, 429, 502, 503, 504, 500, 418].map(codeFromHttpStatus);
  assert.deepEqual(statuses, [13, 16, 7, 12, 14, 14, 14, 14, 2, 2]);
  assert.deepEqual([0, 1, 2, 3, 7, 8, 11, 12].map(codeFromReset), [13, 13, 13, 13, 14, 1, 8, 7]);
});

test("targets", () => {
  const fixed = (target: string): unknown => {
    const parsed = parseTarget(target);
    return parsed.kind === "fixed" ? parsed.endpoints.map(({ host, port, path }) => path ?? `${host} ${port}`) : parsed;
  };
  assert.deepEqual(fixed("ipv4:10.0.0.1:80,10.0.0.2:81"), ["10.0.0.1 80", "10.0.0.2 81"]);
  assert.deepEqual(fixed("ipv6:[::1]:80"), ["::1 80"]);
  assert.deepEqual(fixed("127.0.0.1:7001"), ["127.0.0.1 7001"]);
  assert.deepEqual(fixed("unix:/run/x.sock"), ["/run/x.sock"]);
  assert.deepEqual(fixed("unix:///run/x.sock"), ["/run/x.sock"]);
  for (const target of ["dns:///shop:80", "dns://8.8.8.8/shop:80", "dns:shop:80", "shop:80"]) {
    assert.deepEqual(fixed(target), { kind: "dns", host: "shop", port: 80, authority: "shop:80" });
  }
  for (const target of ["", "unix:", "ipv4:", "a:b", "a:99999", "[::1", "a b:1", "ipv4:1.1.1.1:80,"]) {
    assert.throws(
      () => parseTarget(target),
      (error) => GrpcErrors.BAD_TARGET.is(error),
      target,
    );
  }
  assert.equal(parseAddress("[::]:0").host, "::");
});

test("gzip: small messages stay, a bomb stops at the limit, rubbish is an error", () => {
  assert.equal(compress(new Uint8Array(100)), undefined);
  const zeros = new Uint8Array(50_000_000);
  const small = compress(zeros) as Uint8Array;
  assert.ok(small.length < 1_000_000);
  const before = process.memoryUsage().arrayBuffers;
  assert.throws(
    () => decompress(small, 1_000_000, "m"),
    (error) => CoreErrors.MESSAGE_TOO_LARGE.is(error),
  );
  assert.ok(process.memoryUsage().arrayBuffers - before < 30_000_000);
  assert.equal(decompress(small, zeros.length, "m").length, zeros.length);
  assert.throws(
    () => decompress(Uint8Array.of(1, 2, 3), 100, "m"),
    (error) => GrpcErrors.BAD_COMPRESSION.is(error),
  );
});
