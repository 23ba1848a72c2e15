import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, detail, RpcError } from "@sampan/core";
import { RetryInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import fc from "fast-check";
import { retryAfterMs } from "./retry-info.js";
import { rpcErrorOf, stepError } from "./saga-failure.js";
import { decodeValue, encodeValue } from "./saga-value.js";

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string({ unit: "binary" }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value")),
    fc.dictionary(
      fc.string().filter((key) => key !== "$bigint" && key !== "__proto__"),
      tie("value"),
      { noNullPrototype: true },
    ),
  ),
})).value;

test("plain data and bigint come back as they were", () => {
  fc.assert(fc.property(plain, (value) => assert.deepEqual(decodeValue(encodeValue("state", "s", value, 1e9)), value)));
});

test("what would come back as something else is refused", () => {
  for (const value of [
    undefined,
    () => 1,
    { a: new Date(0) },
    [new Set()],
    { a: Number.POSITIVE_INFINITY },
    Symbol("s"),
  ]) {
    assert.throws(() => encodeValue("state", "s", value, 1e9), /cannot be written as JSON/);
  }
});

test("the callee's wish for a pause is read from its RetryInfo", () => {
  const withDelay = (seconds: bigint, nanos: number): RpcError => {
    const info = create(RetryInfoSchema, { retryDelay: { seconds, nanos } });
    return new RpcError(Code.Unavailable, "later", { details: [detail(RetryInfoSchema, info)] });
  };
  assert.equal(retryAfterMs(withDelay(3n, 250_000_000)), 3250);
  assert.equal(retryAfterMs(withDelay(0n, 1)), 1);
  assert.equal(retryAfterMs(withDelay(-3n, 0)), 0);
  assert.equal(retryAfterMs(withDelay(10n ** 12n, 0)), 24 * 3_600_000);
  assert.equal(retryAfterMs(new RpcError(Code.Unavailable, "later")), 0);
});

test("damaged RetryInfo is ignored", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (value) => {
      const any = {
        $typeName: "google.protobuf.Any",
        typeUrl: "type.googleapis.com/google.rpc.RetryInfo",
        value,
      } as const;
      const ms = retryAfterMs(new RpcError(Code.Unavailable, "later", { details: [any] }));
      assert.ok(ms >= 0 && ms <= 24 * 3_600_000);
    }),
  );
});

test("an error survives the log: code, message, reason and details", () => {
  const info = create(RetryInfoSchema, { retryDelay: { seconds: 1n } });
  const error = new RpcError(Code.ResourceExhausted, "slow down", { details: [detail(RetryInfoSchema, info)] });
  const written = JSON.parse(JSON.stringify(stepError("charge", error).failure));
  const back = rpcErrorOf(written);
  assert.deepEqual([back.code, back.message, retryAfterMs(back)], [Code.ResourceExhausted, "slow down", 1000]);
  assert.equal(stepError("charge", error).permanent, false);
  assert.equal(stepError("charge", new RpcError(Code.NotFound, "")).permanent, true);
  assert.equal(stepError("charge", new Error("a bug")).failure.code, Code.Internal);
});
