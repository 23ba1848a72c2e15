import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MiniProgramErrors } from "@sampan/miniprogram";
import fc from "fast-check";
import { openTill, refused, type Till } from "./till.fixture.js";

let till: Till;
before(async () => {
  till = await openTill();
});
after(() => till.close());

const voided = (orderId: string) => till.call((payments) => payments.voidPayment({ orderId, reason: "" }));
const busy = () => MiniProgramErrors.PLATFORM_BUSY({ platform_code: "SYSTEM_ERROR" });

describe("a callback", () => {
  test("that is taken, the first time or again, is answered in the platform's own words", async () => {
    await till.payOrder("answered");
    const notification = till.platform.pay("answered");
    const { contentType, body } = till.platform.callbackAnswer;
    for (let i = 0; i < 2; i++) {
      const answer = await till.callback(notification);
      assert.deepEqual([answer.code, answer.message], ["SUCCESS", ""]);
      assert.deepEqual(
        [answer.body?.contentType, Buffer.from(answer.body?.data ?? []).toString()],
        [contentType, body],
      );
    }
  });

  test("books the payment, tells, and does neither again", async () => {
    await till.payOrder("one");
    const notification = till.platform.pay("one");
    for (let i = 0; i < 3; i++) await till.callback(notification);
    // The platform may tell of one payment under two ids.
    await till.callback({ ...notification, notificationId: "another" });
    assert.deepEqual(await till.booked("one"), [300n, 0n]);
    await till.wait("the event", () => till.events.includes("one/paid"));
    assert.deepEqual(
      till.events.filter((id) => id === "one/paid"),
      ["one/paid"],
    );
  });

  test("that comes twenty times at once is booked once", async () => {
    await till.payOrder("many");
    const before = (await till.sums())?.payments ?? 0n;
    const notification = till.platform.pay("many");
    await Promise.all(Array.from({ length: 20 }, () => till.callback(notification)));
    assert.deepEqual(await till.booked("many"), [300n, 0n]);
    assert.equal((await till.sums())?.payments, before + 1n);
  });

  test("of another amount or currency books nothing, and the right one still counts", async () => {
    await till.payOrder("wrong");
    const notification = till.platform.pay("wrong");
    await assert.rejects(till.callback({ ...notification, amount: 299n }), refused("AMOUNT_MISMATCH"));
    await assert.rejects(till.callback({ ...notification, amount: 301n }), refused("AMOUNT_MISMATCH"));
    await assert.rejects(till.callback({ ...notification, currency: "GBP" }), refused("AMOUNT_MISMATCH"));
    assert.deepEqual(await till.booked("wrong"), [0n, 0n]);
    await till.callback(notification);
    assert.deepEqual(await till.booked("wrong"), [300n, 0n]);
  });

  test("for an order that is not known is refused, so that the platform tries again", async () => {
    await till.payOrder("known");
    const notification = { ...till.platform.pay("known"), outTradeNo: "unknown" };
    await assert.rejects(till.callback(notification), refused("UNKNOWN_PAYMENT"));
  });

  test("that says anything but paid changes nothing", async () => {
    await till.payOrder("closed");
    await till.callback({ ...till.platform.pay("closed"), state: "closed" });
    assert.deepEqual(await till.booked("closed"), [0n, 0n]);
  });
});

describe("a pay order that is not wanted any more", () => {
  test("is closed on the platform, and cannot be paid", async () => {
    await till.payOrder("unpaid");
    await voided("unpaid");
    assert.equal(till.platform.trades.get("unpaid")?.state, "closed");
    assert.deepEqual(await till.booked("unpaid"), [0n, 0n]);
  });

  test("and was paid is given back", async () => {
    await till.payOrder("paid");
    await till.callback(till.platform.pay("paid"));
    for (let i = 0; i < 2; i++) await voided("paid");
    assert.deepEqual(await till.booked("paid"), [300n, 300n]);
    assert.equal(till.platform.trades.get("paid")?.refunded, 300n);
  });

  test("and was paid a moment before, of which nobody has told us, is booked and given back; the callback is late", async () => {
    await till.payOrder("silent");
    const late = till.platform.pay("silent");
    await voided("silent");
    assert.deepEqual(await till.booked("silent"), [300n, 300n]);
    await till.callback(late);
    assert.deepEqual(await till.booked("silent"), [300n, 300n]);
    assert.equal(till.platform.trades.get("silent")?.refunded, 300n);
  });

  test("and is paid while it cannot be closed is given back by work that outlives the request", async () => {
    await till.payOrder("late");
    till.platform.fail("close", busy());
    await assert.rejects(voided("late"), refused("PLATFORM_BUSY"));
    await till.callback(till.platform.pay("late"));
    await till.wait("the refund", async () => (await till.booked("late"))[1] === 300n);
    await voided("late");
    assert.equal(till.platform.trades.get("late")?.refunded, 300n);
    assert.ok(!till.events.includes("late/paid"), "the order is not told to go on");
    await till.wait("the end", async () => (await till.sagas()).includes("give-back completed"));
  });

  test("is given back by two at once without the platform minding: they ask for the same", async () => {
    await till.payOrder("both");
    till.platform.fail("close", busy());
    await assert.rejects(voided("both"), refused("PLATFORM_BUSY"));
    // Given back by the platform, and the answer is lost: whoever asks next must ask for exactly that.
    till.platform.fail("refund", MiniProgramErrors.PLATFORM_NO_ANSWER(), { after: true });
    await till.callback(till.platform.pay("both"));
    await till.wait("the first refund", () => till.platform.refunds.has("void-both"));
    await voided("both");
    assert.deepEqual(await till.booked("both"), [300n, 300n]);
    assert.equal(till.platform.trades.get("both")?.refunded, 300n);
  });

  test("whose money the platform will not give back stays visible, and does not look like a good end", async () => {
    await till.payOrder("stuck");
    till.platform.fail("close", busy());
    await assert.rejects(voided("stuck"), refused("PLATFORM_BUSY"));
    till.platform.fail("refund", MiniProgramErrors.REFUND_REJECTED({ platform_code: "NOT_ENOUGH" }), { times: 100 });
    await till.callback(till.platform.pay("stuck"));
    await till.wait("the end", async () =>
      (await till.sagas()).some((saga) => /give-back (stuck|compensated)/.test(saga)),
    );
    assert.deepEqual(
      (await till.sagas()).filter((saga) => /stuck|compensated/.test(saga)),
      ["give-back stuck"],
    );
    till.platform.failures.clear();
  });
});

test("whatever happens to a pay order in whatever order, the books are the platform's, and a voided one is given back", async () => {
  let orders = 0;
  const step = fc.constantFrom("pay", "callback", "callback again", "void", "refund one", "busy", "no answer");
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), async (waves) => {
      const orderId = `any-${orders++}`;
      const { platform } = till;
      platform.failures.clear();
      await till.payOrder(orderId);
      const trade = () => platform.trades.get(orderId) ?? assert.fail("no trade");
      let refunds = 0;
      let wantsVoid = false;
      const play = async (what: string): Promise<unknown> => {
        if (what === "busy") return platform.fail("close", busy());
        if (what === "no answer")
          return platform.fail("refund", MiniProgramErrors.PLATFORM_NO_ANSWER(), { after: true });
        if (what === "void") {
          wantsVoid = true;
          return voided(orderId);
        }
        if (what === "refund one") {
          const request = {
            refundId: `${orderId}-${refunds++ >> 1}`,
            orderId,
            amount: { amount: 100n, currency: "CNY" },
          };
          return till.call((payments) => payments.refund(request));
        }
        if (trade().state === "closed") return;
        const notification = platform.pay(orderId);
        if (what !== "pay") return till.callback(notification);
      };
      for (const wave of waves) await Promise.allSettled(wave.map(play));
      // What every request that failed does in the end: it is sent again until it is answered.
      platform.failures.clear();
      if (trade().state === "paid") await till.callback(platform.pay(orderId));
      for (let id = 0; id < (refunds + 1) >> 1; id++) {
        const request = { refundId: `${orderId}-${id}`, orderId, amount: { amount: 100n, currency: "CNY" } };
        await till.call((payments) => payments.refund(request)).catch(() => {});
      }
      if (wantsVoid) await voided(orderId);
      const [charged, refunded] = await till.booked(orderId);
      assert.equal(charged, trade().state === "paid" ? 300n : 0n);
      assert.equal(refunded, trade().refunded);
      if (wantsVoid) assert.equal(charged, refunded);
    }),
    { numRuns: 60 },
  );
});
