import assert from "node:assert/strict";
import { test } from "node:test";
import { Code } from "@sampan/core";
import { isRetryable } from "../errors.js";
import { apiError } from "./api-errors.js";
import { payError } from "./pay/pay-errors.js";

test("vendor codes have canonical codes, and say whether to retry", () => {
  const expected: [number, Code, boolean][] = [
    [-1, Code.Unavailable, true],
    [40001, Code.Internal, false],
    [40003, Code.InvalidArgument, false],
    [40029, Code.Unauthenticated, false],
    [40037, Code.InvalidArgument, false],
    [40163, Code.Unauthenticated, false],
    [40226, Code.PermissionDenied, false],
    [43101, Code.FailedPrecondition, false],
    [45009, Code.ResourceExhausted, true],
    [45011, Code.ResourceExhausted, true],
    [47003, Code.InvalidArgument, false],
    [99999, Code.Unknown, false],
  ];
  for (const [errcode, code, retryable] of expected) {
    const error = apiError(errcode, "why");
    assert.deepEqual([error.code, isRetryable(error)], [code, retryable], String(errcode));
    assert.equal(error.info?.metadata.platform_code, String(errcode));
    assert.equal(error.message.includes("why"), false);
  }
});

test("pay codes too, and without one the status decides", () => {
  const expected: [number, string, Code, boolean][] = [
    [400, "PARAM_ERROR", Code.InvalidArgument, false],
    [400, "ORDERPAID", Code.FailedPrecondition, false],
    [403, "OUT_TRADE_NO_USED", Code.AlreadyExists, false],
    [404, "ORDER_NOT_EXIST", Code.NotFound, false],
    [401, "SIGN_ERROR", Code.Internal, false],
    [429, "FREQUENCY_LIMITED", Code.ResourceExhausted, true],
    [500, "SYSTEM_ERROR", Code.Unavailable, true],
    [401, "", Code.Internal, false],
    [429, "", Code.ResourceExhausted, true],
    [502, "", Code.Unavailable, true],
    [302, "", Code.Unknown, false],
    [400, "NEW_CODE", Code.Unknown, false],
  ];
  for (const [status, platformCode, code, retryable] of expected) {
    const error = payError(status, platformCode, "why");
    assert.deepEqual([error.code, isRetryable(error)], [code, retryable], `${status} ${platformCode}`);
  }
  assert.equal(payError(400, "INVALID_REQUEST", "", { INVALID_REQUEST: "REFUND_REJECTED" }).reason, "REFUND_REJECTED");
  assert.equal(isRetryable(new Error("other")), false);
});
