import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { OrderStatus, RefundSchema, RefundStatus } from "@sampan/contracts/order/v1/order_pb.js";
import { Code, RpcError } from "@sampan/core";
import { MiniProgramErrors } from "@sampan/miniprogram";
import { type Desk, openDesk } from "./desk.fixture.js";
import { settleInterrupted } from "./sending.js";

let desk: Desk;
before(async () => {
  desk = await openDesk();
});
after(() => desk.close());

function platform(work: () => Promise<void>): void {
  desk.sent.length = 0;
  desk.platform = work;
}
const answers = () => platform(async () => {});
const fails = (error: Error) => platform(() => Promise.reject(error));
const statusOf = async (id: string) => (await desk.notice(id))?.status;

describe("telling a user", () => {
  test("sends one message for an event, to the user's openid, in the words of the template", async () => {
    answers();
    for (let i = 0; i < 3; i++) await desk.tell("o1/confirmed");
    const data = { character_string1: "o1", amount2: "¥12.34", phrase3: "已付款" };
    assert.deepEqual(desk.sent, [{ openid: "openid of u", templateId: "tpl-confirmed", data }]);
    assert.equal(await statusOf("o1/confirmed"), "sent");
  });

  test("says what became of the order; a refund says what was given back, and what is not the user's business is not said", async () => {
    answers();
    await desk.tell("o2/cancelled", { status: OrderStatus.CANCELLED });
    await desk.tell("o2/expired", { status: OrderStatus.EXPIRED });
    await desk.tell("o2/failed", { status: OrderStatus.FAILED });
    const refund = create(RefundSchema, {
      refundId: "r",
      amount: { amount: 5n, currency: "GBP" },
      status: RefundStatus.DONE,
    });
    await desk.tell("o2/refund/r", { status: OrderStatus.CONFIRMED, refund });
    await desk.tell("o2/pending", { status: OrderStatus.PENDING });
    await desk.tell("o2/refunded", { status: OrderStatus.REFUNDED });
    assert.deepEqual(
      desk.sent.map(({ templateId, data }) => `${templateId} ${data.amount2}`),
      ["tpl-cancelled ¥12.34", "tpl-expired ¥12.34", "tpl-failed ¥12.34", "tpl-refunded £0.05"],
    );
  });

  test("has the attempt committed when the platform is asked", async () => {
    let committed: string | undefined;
    platform(async () => {
      committed = await statusOf("o3/confirmed");
    });
    await desk.tell("o3/confirmed");
    assert.equal(committed, "sending");
    assert.equal(await statusOf("o3/confirmed"), "sent");
  });

  test("accepts a refusal: a user who did not subscribe is told nothing, once", async () => {
    fails(MiniProgramErrors.MESSAGE_REFUSED({ platform_code: "43101" }));
    for (let i = 0; i < 2; i++) await desk.tell("o4/confirmed");
    assert.deepEqual(
      [await statusOf("o4/confirmed"), (await desk.notice("o4/confirmed"))?.refusal],
      ["refused", "MESSAGE_REFUSED"],
    );
    assert.equal(desk.sent.length, 1);
  });

  const lost: readonly (readonly [string, Error])[] = [
    ["no answer", MiniProgramErrors.PLATFORM_NO_ANSWER()],
    ["an answer that nobody understands", MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "no JSON" })],
    ["a deadline", new RpcError(Code.DeadlineExceeded, "too late")],
    ["a cancelled call", new RpcError(Code.Canceled, "cancelled")],
    ["an error of the program", new TypeError("undefined is not a function")],
  ];
  for (const [what, error] of lost) {
    test(`marks it unknown after ${what}, and does not send it again`, async () => {
      fails(error);
      const id = `${what.replaceAll(" ", "-")}/confirmed`;
      await desk.tell(id);
      answers();
      await desk.tell(id);
      assert.equal(await statusOf(id), "unknown");
      assert.equal(desk.sent.length, 0);
    });
  }

  const notYet: readonly (readonly [string, Error])[] = [
    ["cannot be reached", MiniProgramErrors.PLATFORM_UNREACHABLE()],
    ["is busy", MiniProgramErrors.PLATFORM_BUSY({ platform_code: "-1" })],
    ["has no quota left", MiniProgramErrors.RATE_LIMITED({ platform_code: "45011" })],
  ];
  for (const [what, error] of notYet) {
    test(`asks for the event again when the platform ${what}, and sends it then`, async () => {
      fails(error);
      const id = `${what.replaceAll(" ", "-")}/confirmed`;
      await assert.rejects(desk.tell(id), (thrown: RpcError) => thrown.reason === (error as RpcError).reason);
      assert.equal(await statusOf(id), "waiting");
      answers();
      await desk.tell(id);
      assert.deepEqual([await statusOf(id), desk.sent.length], ["sent", 1]);
    });
  }

  test("keeps the outcome although its own time has run out meanwhile", async () => {
    platform(async () => {
      await desk.clock.advance(60_000);
    });
    await assert.rejects(desk.tell("o5/confirmed"), (error: RpcError) => error.code === Code.DeadlineExceeded);
    await desk.clock.advance(0);
    assert.equal(await statusOf("o5/confirmed"), "sent");
  });
});

describe("after a crash", () => {
  test("attempts of the life before are unknown, all others stay what they are, and none is sent again", async () => {
    // A process that dies while it waits for the platform leaves this behind.
    platform(() => new Promise(() => {}));
    desk.tell("o6/confirmed").catch(() => {});
    for (let turns = 0; (await statusOf("o6/confirmed")) !== "sending"; turns++) {
      assert.ok(turns < 1000, "the attempt was never committed");
      await desk.clock.advance(0);
    }
    const before = new Map(
      (await desk.store.list(undefined, 1000, undefined)).map(({ noticeId, status }) => [noticeId, status]),
    );
    assert.equal(await desk.runtime.run({ name: "test" }, (call) => settleInterrupted(desk.store, call)), 1);
    assert.equal(await desk.runtime.run({ name: "test" }, (call) => settleInterrupted(desk.store, call)), 0);
    for (const { noticeId, status } of await desk.store.list(undefined, 1000, undefined)) {
      assert.equal(status, noticeId === "o6/confirmed" ? "unknown" : before.get(noticeId), noticeId);
    }
    answers();
    await desk.tell("o6/confirmed");
    assert.equal(desk.sent.length, 0);
  });

  test("an event that comes again while its message is under way is not sent twice", async () => {
    platform(() => new Promise(() => {}));
    desk.tell("o7/confirmed").catch(() => {});
    for (let turns = 0; desk.sent.length === 0 && turns < 1000; turns++) await desk.clock.advance(0);
    await desk.tell("o7/confirmed");
    assert.deepEqual([desk.sent.length, await statusOf("o7/confirmed")], [1, "unknown"]);
  });
});
