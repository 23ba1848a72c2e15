import assert from "node:assert/strict";
import { test } from "node:test";
import { MiniProgramErrors } from "../../errors.js";
import { payError } from "./pay-errors.js";
import { type FailedExchange, repetition } from "./repetition.js";

const failed: FailedExchange = {
  error: MiniProgramErrors.PLATFORM_BUSY({ platform_code: "SYSTEM_ERROR" }),
  repeatable: true,
  attempts: 1,
  hostsLeft: 1,
  waitsMs: [200, 1000],
  random: 1,
};

test("the next host is tried when nothing was sent, whatever the request", () => {
  const error = MiniProgramErrors.PLATFORM_UNREACHABLE();
  for (const repeatable of [true, false]) {
    assert.deepEqual(repetition({ ...failed, error, repeatable }), { waitMs: 0, nextHost: true });
    assert.equal(repetition({ ...failed, error, repeatable, hostsLeft: 0 }), "give-up");
  }
});

test("without an answer the next host is tried only with what may be repeated", () => {
  const error = MiniProgramErrors.PLATFORM_NO_ANSWER();
  assert.deepEqual(repetition({ ...failed, error }), { waitMs: 0, nextHost: true });
  assert.equal(repetition({ ...failed, error, hostsLeft: 0 }), "give-up");
  assert.equal(repetition({ ...failed, error, repeatable: false }), "give-up");
});

test("a busy platform is asked again after each wait, and then no more", () => {
  assert.deepEqual(repetition(failed), { waitMs: 200, nextHost: false });
  assert.deepEqual(repetition({ ...failed, random: 0 }), { waitMs: 100, nextHost: false });
  assert.deepEqual(repetition({ ...failed, attempts: 2 }), { waitMs: 1000, nextHost: false });
  assert.equal(repetition({ ...failed, attempts: 3 }), "give-up");
  assert.equal(repetition({ ...failed, waitsMs: [] }), "give-up");
  assert.equal(repetition({ ...failed, repeatable: false }), "give-up");
});

/** The vendor's code, its status, what it becomes, and whether it is sent again by itself. */
const table: readonly (readonly [code: string, status: number, keyof typeof MiniProgramErrors, again: boolean])[] = [
  ["SYSTEM_ERROR", 500, "PLATFORM_BUSY", true],
  ["SYSTEMERROR", 500, "PLATFORM_BUSY", true],
  ["BANK_ERROR", 500, "PLATFORM_BUSY", true],
  ["BIZERR_NEED_RETRY", 500, "PLATFORM_BUSY", true],
  ["", 502, "PLATFORM_BUSY", true],
  ["FREQUENCY_LIMITED", 429, "RATE_LIMITED", false],
  ["FREQUENCY_LIMIT", 429, "RATE_LIMITED", false],
  ["RATELIMIT_EXCEEDED", 429, "RATE_LIMITED", false],
  ["RULE_LIMIT", 403, "RATE_LIMITED", false],
  ["", 429, "RATE_LIMITED", false],
  ["ORDER_PAID", 400, "PAY_ORDER_PAID", false],
  ["ORDERPAID", 400, "PAY_ORDER_PAID", false],
  ["ORDER_CLOSED", 400, "PAY_ORDER_CLOSED", false],
  ["OUT_TRADE_NO_USED", 403, "PAY_ORDER_CONFLICT", false],
  ["ORDER_NOT_EXIST", 404, "PAY_NOT_FOUND", false],
  ["RESOURCE_NOT_EXISTS", 404, "PAY_NOT_FOUND", false],
  ["PARAM_ERROR", 400, "PAY_REQUEST_INVALID", false],
  ["INVALID_REQUEST", 400, "PAY_REQUEST_INVALID", false],
  ["NOT_ENOUGH", 403, "REFUND_REJECTED", false],
  ["OPENID_MISMATCH", 400, "RECIPIENT_UNKNOWN", false],
  ["SIGN_ERROR", 401, "PLATFORM_REFUSED_CREDENTIALS", false],
  ["NO_AUTH", 403, "PLATFORM_REFUSED_CREDENTIALS", false],
  ["STATEMENT_CREATING", 400, "BILL_NOT_READY", false],
  ["NO_STATEMENT_EXIST", 400, "BILL_NOT_FOUND", false],
  ["", 401, "PLATFORM_REFUSED_CREDENTIALS", false],
  ["NEVER_HEARD_OF", 403, "PLATFORM_ERROR", false],
  // The status beats the body: what nobody knows is judged by it.
  ["NEVER_HEARD_OF", 503, "PLATFORM_BUSY", true],
];

for (const [code, status, reason, again] of table) {
  test(`${status} ${code || "without a code"} is ${reason}, ${again ? "sent again" : "not sent again"}`, () => {
    const error = payError(status, code, "");
    assert.ok(MiniProgramErrors[reason].is(error), String(error));
    assert.equal(repetition({ ...failed, error }) !== "give-up", again);
  });
}
