import assert from "node:assert/strict";
import { test } from "node:test";
import { type Attempt, type Notice, type NoticeStatus, nextAttempt } from "./notice.js";

const notice = (status: NoticeStatus): Notice => ({
  noticeId: "o/confirmed",
  userId: "u",
  orderId: "o",
  template: "order_confirmed",
  status,
  refusal: "",
  createdAt: 1,
});

test("a message is sent when it certainly was not yet, never when it may have been", () => {
  const expected: Readonly<Record<NoticeStatus, Attempt>> = {
    waiting: "begin",
    sending: "give-up",
    sent: "done",
    refused: "done",
    unknown: "done",
  };
  assert.equal(nextAttempt(undefined), "begin");
  for (const [status, attempt] of Object.entries(expected)) {
    assert.equal(nextAttempt(notice(status as NoticeStatus)), attempt, status);
  }
});
