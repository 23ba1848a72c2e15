import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { beginning } from "./beginning.js";
import { type Notice, type NoticeStatus, newNotice } from "./notice.js";
import { afterTry, type Circumstances, type Outcome } from "./outcome.js";
import { parseQuietHours } from "./quiet-hours.js";
import { afterAnswer, afterUse, maxAllowed, take } from "./subscription.js";

const origin = { tenant: "default", releaseTag: "", traceparent: "" };
const about = {
  noticeId: "n",
  userId: "u",
  orderId: "o",
  origin,
  template: "order_confirmed",
  facts: {},
  createdAt: 0,
} as const;
const notice = (change: Partial<Notice> = {}): Notice => ({
  ...newNotice(about),
  status: "sending",
  tries: 1,
  ...change,
});
const rules = { maxTries: 3, initialMs: 1000, maxMs: 3000 };
const at = (change: Partial<Circumstances> = {}): Circumstances => ({
  now: 100,
  hasSms: false,
  rules,
  random: 0,
  ...change,
});
const later: Outcome = { kind: "later", reason: "R", code: "c", leastMs: 0 };

test("a message is sent when it certainly was not yet, never when it may have been", () => {
  for (const status of ["sending", "sent", "refused", "unknown", "not-subscribed", "given-up"] as NoticeStatus[])
    assert.equal(beginning(notice({ status }), 0, { urgent: true, hours: undefined }), undefined, status);
  assert.deepEqual(beginning(notice({ status: "waiting" }), 0, { urgent: false, hours: undefined }), { kind: "send" });
});

test("what is urgent does not wait for the end of quiet hours", () => {
  const hours = parseQuietHours("22:00-08:00", "UTC");
  const waiting = notice({ status: "waiting" });
  assert.deepEqual(beginning(waiting, 0, { urgent: false, hours }), { kind: "wait", until: 8 * 3_600_000 });
  assert.deepEqual(beginning(waiting, 0, { urgent: true, hours }), { kind: "send" });
});

test("waits between tries double, up to the longest, with half of it at random, and the outcome's own least", () => {
  const wait = (tries: number, random: number, leastMs = 0) =>
    afterTry(notice({ tries }), { ...later, leastMs }, at({ random, rules: { ...rules, maxTries: 9 } })).dueAt - 100;
  assert.deepEqual([wait(1, 0), wait(1, 0.999), wait(2, 0), wait(3, 0), wait(8, 0)], [500, 1000, 1000, 1500, 1500]);
  assert.equal(wait(1, 0.5, 60_000), 60_000);
});

test("the last try is the last", () => {
  assert.equal(afterTry(notice({ tries: 2 }), later, at()).status, "waiting");
  assert.deepEqual(afterTry(notice({ tries: 3 }), later, at()), {
    ...{ status: "given-up", channel: "platform", refusal: "R", tries: 3, dueAt: 0, remains: "returned" },
  });
});

test("whatever happens: nothing is sent again after it may have been delivered, and no permission is given back then", () => {
  const outcome = fc.oneof(
    fc.constant<Outcome>({ kind: "sent" }),
    fc.constant<Outcome>({ kind: "unknown", reason: "R", code: "" }),
    fc.constant<Outcome>(later),
    fc
      .constantFrom("not-subscribed", "recipient", "message")
      .map((because): Outcome => ({ kind: "refused", because: because as "message", reason: "R", code: "" })),
  );
  const channel = fc.constantFrom("platform", "sms");
  fc.assert(
    fc.property(outcome, channel, fc.boolean(), fc.integer({ min: 1, max: 3 }), (came, by, hasSms, tries) => {
      const next = afterTry(notice({ channel: by as Notice["channel"], tries }), came, at({ hasSms }));
      if (came.kind === "sent" || came.kind === "unknown") {
        assert.notEqual(next.status, "waiting");
        assert.equal(next.remains, "used");
      } else assert.notEqual(next.remains, "used");
      if (by === "sms") assert.equal(next.channel, "sms", "there is no way back");
      assert.notEqual(next.status, "sending");
      if (next.status === "waiting") assert.ok(next.dueAt >= 100);
    }),
  );
});

test("the ledger never goes below nothing or above its limit, and knows nothing of who never reported", () => {
  assert.deepEqual(take(undefined), { may: true, allowed: undefined });
  assert.deepEqual(take(1), { may: true, allowed: 0 });
  assert.deepEqual(take(0), { may: false, allowed: 0 });
  assert.equal(afterAnswer(undefined, "reject"), 0);
  assert.equal(afterAnswer(maxAllowed - 1, "accept"), maxAllowed);
  assert.equal(afterAnswer(maxAllowed, "accept"), maxAllowed);
  assert.equal(afterAnswer(5, "ban"), 0);
  assert.equal(afterUse(undefined, "none"), undefined);
  assert.equal(afterUse(3, "none"), 0);
  assert.equal(afterUse(3, "returned"), 4);
  assert.equal(afterUse(3, "used"), 3);
});
