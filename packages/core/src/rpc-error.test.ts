import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { ErrorInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { EchoRequestSchema } from "@sampan/testkit";
import { Code, codeFromNumber, codeName } from "./code.js";
import { defineErrors, registeredErrors } from "./error-registry.js";
import { detail, RpcError } from "./rpc-error.js";

describe("RpcError.from", () => {
  test("leaves an RpcError as it is", () => {
    const error = new RpcError(Code.NotFound, "no");
    assert.equal(RpcError.from(error), error);
  });

  test("hides everything else behind Internal, or the code that is asked for, and keeps it as the cause", () => {
    for (const thrown of [new Error("secret"), "secret", 7, null, { secret: 1 }]) {
      const error = RpcError.from(thrown);
      assert.equal(error.code, Code.Internal);
      assert.equal(error.cause, thrown);
      assert.ok(!error.message.includes("secret"));
    }
    assert.equal(RpcError.from(undefined).code, Code.Internal);
    assert.equal(RpcError.from(new Error("x"), Code.Unavailable).code, Code.Unavailable);
  });

  test("an abort is Canceled", () => {
    const controller = new AbortController();
    controller.abort();
    assert.equal(RpcError.from(controller.signal.reason).code, Code.Canceled);
  });

  test("code OK is no error", () => {
    assert.equal(RpcError.from(new RpcError(Code.OK, "fine")).code, Code.Internal);
  });
});

describe("details", () => {
  test("are found by type; one that does not decode is as good as absent", () => {
    const error = new RpcError(Code.Aborted, "x", {
      details: [
        { ...detail(ErrorInfoSchema, create(ErrorInfoSchema)), value: Uint8Array.of(255) },
        detail(EchoRequestSchema, create(EchoRequestSchema, { text: "y" })),
      ],
    });
    assert.equal(error.findDetail(EchoRequestSchema)?.text, "y");
    assert.equal(error.info, undefined);
    assert.equal(error.reason, "");
    assert.equal(`${error}`, "RpcError [Aborted]: x");
  });
});

describe("defineErrors", () => {
  const definitions = {
    TOO_FEW: { code: Code.FailedPrecondition, message: "only {count} of {thing} and {unknown}", fix: "order less" },
  } as const;
  const Errors = defineErrors("rpc-error-test", definitions);

  test("fills the message and names domain, reason and parameters", () => {
    const error = Errors.TOO_FEW({ count: "3", thing: "tea" }, { cause: "why" });
    assert.equal(error.message, "only 3 of tea and {unknown}");
    assert.equal(error.code, Code.FailedPrecondition);
    assert.equal(error.reason, "TOO_FEW");
    assert.equal(error.info?.domain, "rpc-error-test");
    assert.deepEqual(error.info?.metadata, { count: "3", thing: "tea" });
    assert.equal(error.cause, "why");
  });

  test("knows its own, also from another process", () => {
    const error = Errors.TOO_FEW();
    assert.ok(Errors.TOO_FEW.is(error));
    assert.ok(Errors.TOO_FEW.is(new RpcError(error.code, error.message, { details: error.details })));
    assert.equal(Errors.TOO_FEW.is(new RpcError(error.code, error.message)), false);
    assert.equal(Errors.TOO_FEW.is(new Error("x")), false);
  });

  test("refuses a reason that is registered already", () => {
    assert.throws(() => defineErrors("rpc-error-test", definitions), TypeError);
  });

  test("lists what is registered, in order", () => {
    const all = registeredErrors();
    assert.ok(all.some(({ domain, reason }) => domain === "rpc-error-test" && reason === "TOO_FEW"));
    const keys = all.map(({ domain, reason }) => `${domain}/${reason}`);
    assert.deepEqual(keys, [...keys].sort());
  });
});

test("codes: names and numbers, and what is beyond them", () => {
  assert.equal(Object.keys(Code).length, 17);
  for (const [name, code] of Object.entries(Code)) {
    assert.equal(codeName(code), name);
    assert.equal(codeFromNumber(code), code);
  }
  for (const beyond of [-1, 17, 1.5, Number.NaN]) {
    assert.equal(codeFromNumber(beyond), Code.Unknown);
    assert.equal(codeName(beyond), "Unknown");
  }
});
