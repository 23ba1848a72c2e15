import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PaymentStatus } from "@sampan/contracts/payment/v1/payment_pb.js";
import { MiniProgramErrors } from "@sampan/miniprogram";
import { openTill, type Till } from "./till.fixture.js";

let till: Till;
before(async () => {
  till = await openTill();
});
after(() => till.close());

const second = 1000;
const minute = 60 * second;
const voided = (orderId: string) => till.call((payments) => payments.voidPayment({ orderId, reason: "" }));
const status = async (orderId: string) =>
  (await till.call((payments) => payments.getPayment({ orderId }))).payment?.status;
const asked = (about: string): number => till.platform.calls.filter((call) => call === about).length;
const busy = () => MiniProgramErrors.PLATFORM_BUSY({ platform_code: "SYSTEM_ERROR" });

/** An order whose payment nobody tells of. */
async function paidInSilence(orderId: string): Promise<void> {
  await till.payOrder(orderId);
  till.platform.pay(orderId);
}

describe("when no callback comes", () => {
  test("the platform is asked after 30 seconds, 1, 3 and 10 minutes more, and then is not asked about an order that is closed", async () => {
    const start = till.clock.now();
    const times: number[] = [];
    await till.payOrder("quiet");
    for (let seen = 0; till.clock.now() < start + 20 * minute; await till.clock.advance(second)) {
      if (asked("query quiet") > seen) times.push(Math.round((till.clock.now() - start) / second));
      seen = asked("query quiet");
    }
    // Seconds after its creation; the last is when it has expired, 15 minutes and a half, and is closed.
    assert.deepEqual(
      times.map((time) => Math.floor(time / 10) * 10),
      [30, 90, 270, 870, 930],
    );
    assert.equal(till.platform.trades.get("quiet")?.state, "closed");
    assert.equal(await status("quiet"), PaymentStatus.VOIDED);
    const before = till.platform.calls.length;
    await till.clock.advance(2 * 60 * minute);
    assert.equal(till.platform.calls.length, before);
  });

  test("what it says is booked as a callback would be, and a callback that is late changes nothing", async () => {
    await till.payOrder("silent");
    const late = till.platform.pay("silent");
    await till.wait("the booking", async () => (await status("silent")) === PaymentStatus.PAID);
    assert.deepEqual(await till.booked("silent"), [300n, 0n]);
    await till.wait("the event", () => till.events.includes("silent/paid"));
    await till.callback(late);
    assert.deepEqual(await till.booked("silent"), [300n, 0n]);
    assert.equal(till.events.filter((id) => id === "silent/paid").length, 1);
    assert.equal(asked("query silent"), 1);
  });

  test("a callback ends the questions", async () => {
    await till.payOrder("told");
    await till.callback(till.platform.pay("told"));
    await till.clock.advance(30 * minute);
    assert.equal(asked("query told"), 0);
  });

  test("a platform that does not answer is asked again", async () => {
    await paidInSilence("busy");
    till.platform.fail("query", busy(), { times: 2 });
    await till.wait("the booking", async () => (await status("busy")) === PaymentStatus.PAID);
    assert.equal(asked("query busy"), 3);
  });

  test("an order that the platform says costs something else is not booked, is noted, and stays visible", async () => {
    await paidInSilence("odd");
    const trade = till.platform.trades.get("odd") ?? assert.fail();
    till.platform.trades.set("odd", { ...trade, total: 299n });
    await till.wait("the note", async () => (await till.irregularities()).includes("AMOUNT_MISMATCH odd"));
    assert.deepEqual(await till.booked("odd"), [0n, 0n]);
    assert.ok(till.alarms.some((alarm) => /does not fit the books/.test(alarm)));
    await till.wait("the gauge", () => (till.metric("payment_irregularities") ?? 0) > 0);
    till.platform.trades.set("odd", trade);
    await till.wait("the booking", async () => (await status("odd")) === PaymentStatus.PAID);
  });
});

describe("at its expiry", () => {
  test("an order that was paid a moment before is booked, not closed", async () => {
    await till.payOrder("late");
    await till.clock.advance(15 * minute - second);
    till.platform.fail("query", busy(), { times: 1 });
    till.platform.pay("late");
    await till.wait("the booking", async () => (await status("late")) === PaymentStatus.PAID);
    assert.equal(till.platform.trades.get("late")?.state, "paid");
  });

  test("one that is paid between the question and the closing is booked too", async () => {
    await till.payOrder("race");
    await till.clock.advance(15 * minute);
    const closes = till.platform.close.bind(till.platform);
    till.platform.close = (orderId) => {
      if (orderId === "race") till.platform.pay("race");
      return closes(orderId);
    };
    await till.wait("the booking", async () => (await status("race")) === PaymentStatus.PAID);
    till.platform.close = closes;
    assert.deepEqual(await till.booked("race"), [300n, 0n]);
    assert.ok(
      till.events.includes("race/paid") || (await arrives("race/paid")),
      "the order decides what becomes of it",
    );
  });

  test("one that cannot be closed is tried again until it is", async () => {
    await till.payOrder("shut");
    till.platform.fail("close", busy(), { times: 3 });
    await till.wait("the closing", () => till.platform.trades.get("shut")?.state === "closed");
    assert.equal(till.platform.failures.size, 0);
    await till.wait("the void", async () => (await status("shut")) === PaymentStatus.VOIDED);
  });

  test("one that the platform never got to know is given up", async () => {
    till.platform.fail("createOrder", busy());
    await assert.rejects(till.payOrder("unborn"));
    await till.wait("the void", async () => (await status("unborn")) === PaymentStatus.VOIDED);
  });
});

describe("an order that is gone", () => {
  test("and could not be closed is closed later, by itself", async () => {
    await till.payOrder("gone");
    till.platform.fail("close", busy());
    await assert.rejects(voided("gone"));
    await till.wait("the closing", () => till.platform.trades.get("gone")?.state === "closed");
  });

  test("and was paid in silence is given back, though nobody asks for that again", async () => {
    await till.payOrder("ghost");
    till.platform.fail("close", busy());
    await assert.rejects(voided("ghost"));
    till.platform.pay("ghost");
    await till.wait("the refund", async () => (await till.booked("ghost"))[1] === 300n);
    assert.equal(till.platform.trades.get("ghost")?.refunded, 300n);
    assert.ok(!till.events.includes("ghost/paid"));
  });

  test("whose refund the platform closes is given back by another refund", async () => {
    await till.payOrder("again");
    await till.callback(till.platform.pay("again"));
    till.platform.refundState = "processing";
    await voided("again");
    till.platform.refundState = "succeeded";
    await till.callback(till.platform.settleRefund("void-again", "closed"));
    await till.wait("the second refund", async () => (await till.booked("again"))[1] === 300n);
    assert.deepEqual(
      [...till.platform.refunds.keys()].filter((id) => id.includes("again")),
      ["void-again", "void-again-2"],
    );
    assert.equal(till.platform.trades.get("again")?.refunded, 300n);
  });
});

test("a payment that was made after the expiry is booked and given back", async () => {
  await till.payOrder("after");
  till.platform.fail("close", MiniProgramErrors.NOT_OFFERED({ what: "close" }), { times: 1000 });
  await till.clock.advance(15 * minute);
  await voided("after");
  till.platform.failures.clear();
  await till.callback(till.platform.pay("after"));
  await till.wait("the refund", async () => (await till.booked("after"))[1] === 300n);
});

test("gauges tell how many orders wait, and for how long", async () => {
  await till.payOrder("measured");
  const age = (): number => till.metric("payment_orders_waiting_oldest_seconds") ?? 0;
  await till.wait("the gauge", () => age() >= 1 && age() <= 20);
  assert.equal(till.metric("payment_orders_waiting"), 1);
  await till.callback(till.platform.pay("measured"));
  await till.wait("the gauge", () => till.metric("payment_orders_waiting") === 0);
});

async function arrives(event: string): Promise<boolean> {
  await till.wait(event, () => till.events.includes(event));
  return true;
}
