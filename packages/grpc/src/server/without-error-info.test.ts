import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, CoreErrors, defineErrors, detail, Metadata, RpcError } from "@sampan/core";
import { BadRequestSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { AbsentService, EchoRequestSchema, EchoService } from "@sampan/testkit";
import { GrpcErrors } from "../errors.js";
import { caller, failsWith, framed, rawCall, serveEcho } from "../testing.fixture.js";
import { failureFields } from "../wire/status-fields.js";
import { withoutOwnInfo } from "./without-error-info.js";

const ShopErrors = defineErrors("without-error-info-test", {
  SOLD_OUT: { code: Code.FailedPrecondition, message: "sold out", fix: "wait" },
});
const badRequest = detail(BadRequestSchema, create(BadRequestSchema, { fieldViolations: [{ field: "text" }] }));

test("only the info of our own errors is taken out, other details and fields stay", () => {
  const trailers = Metadata.of({ "x-after": "1" });
  const fields = (error: RpcError): readonly string[] => failureFields(error, trailers);
  for (const error of [CoreErrors.DRAINING(), GrpcErrors.CALL_QUEUE_FULL({ count: "1", target: "t" })]) {
    const { code, message } = error;
    assert.deepEqual(withoutOwnInfo(fields(error)), fields(new RpcError(code, message)));
  }
  const invalid = CoreErrors.INVALID_REQUEST({ violations: "text" }, { details: [badRequest] });
  const rest = new RpcError(invalid.code, invalid.message, { details: [badRequest] });
  assert.deepEqual(withoutOwnInfo(fields(invalid)), fields(rest));
  for (const error of [ShopErrors.SOLD_OUT(), rest, new RpcError(Code.Aborted, "plain")]) {
    assert.deepEqual(withoutOwnInfo(fields(error)), fields(error));
  }
});

for (const transportErrorInfo of [true, false]) {
  test(`transportErrorInfo ${transportErrorInfo}: errors of the transport, of the runtime, and of a service`, async (t) => {
    const options = { transportErrorInfo, maxMessageBytes: 1000 };
    const handlers = {
      unary: ({ text }: { text: string }) => {
        if (text === "sold out") throw ShopErrors.SOLD_OUT();
        return new Promise<object>(() => {});
      },
      async *produce() {
        yield { text: "first" };
        throw CoreErrors.DRAINING();
      },
    };
    const { address } = await serveEcho(t, options, handlers);
    const { root } = caller(t, address);
    const echo = root.to(EchoService);
    const absent = await failsWith(root.to(AbsentService).unary({}), Code.Unimplemented);
    assert.equal(absent.details.length, transportErrorInfo ? 1 : 0);
    const large = await failsWith(echo.unary({ body: new Uint8Array(2000) }), Code.ResourceExhausted);
    assert.deepEqual(
      [large.details.length, CoreErrors.MESSAGE_TOO_LARGE.is(large)],
      transportErrorInfo ? [1, true] : [0, false],
    );
    const stream = echo.produce({});
    await stream.next();
    assert.equal((await failsWith(stream.next(), Code.Unavailable)).details.length, transportErrorInfo ? 1 : 0);
    const late = await rawCall(
      t,
      address,
      { "grpc-timeout": "5m" },
      framed(toBinary(EchoRequestSchema, create(EchoRequestSchema))),
    );
    assert.equal(late.fields["grpc-status"], String(Code.DeadlineExceeded));
    assert.equal(late.fields["grpc-status-details-bin"] === undefined, !transportErrorInfo);
    const soldOut = await failsWith(echo.unary({ text: "sold out" }), Code.FailedPrecondition);
    assert.ok(ShopErrors.SOLD_OUT.is(soldOut));
  });
}
