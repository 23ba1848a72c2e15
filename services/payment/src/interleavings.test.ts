import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PaymentStatus } from "@sampan/contracts/payment/v1/payment_pb.js";
import { RefundState } from "@sampan/contracts/payment/v1/refund_pb.js";
import { MiniProgramErrors, type RefundState as PlatformState } from "@sampan/miniprogram";
import fc from "fast-check";
import { money, openTill, type Till } from "./till.fixture.js";

const second = 1000;
let till: Till;
before(async () => {
  till = await openTill({ settings: { askInterval: 5 * second } });
});
after(() => till.close());

const busy = () => MiniProgramErrors.PLATFORM_BUSY({ platform_code: "SYSTEM_ERROR" });
const lost = () => MiniProgramErrors.PLATFORM_NO_ANSWER();

type Step = (orderId: string) => unknown;

const trade = (orderId: string) => till.platform.trades.get(orderId) ?? assert.fail("no trade");
const ours = (orderId: string) =>
  [...till.platform.refunds.values()].filter(({ order }) => order.outTradeNo === orderId);

function settle(orderId: string, state: PlatformState, tell: boolean): unknown {
  const open = ours(orderId).find((refund) => refund.state === "processing" || refund.state === "abnormal");
  if (open === undefined) return;
  const notification = till.platform.settleRefund(open.order.outRefundNo, state);
  return tell && state !== "processing" ? till.callback(notification) : undefined;
}

const steps: Readonly<Record<string, Step>> = {
  "the user pays": (orderId) => trade(orderId).state === "closed" || till.platform.pay(orderId),
  callback: (orderId) => trade(orderId).state === "closed" || till.callback(till.platform.pay(orderId)),
  "another callback": (orderId) =>
    trade(orderId).state === "closed" || till.callback(till.platform.pay(orderId, `again-${orderId}`)),
  void: (orderId) => till.call((payments) => payments.voidPayment({ orderId, reason: "" })),
  "refund one": (orderId) => refund(orderId, "1"),
  "refund another": (orderId) => refund(orderId, "2"),
  "refunds take their time": () => void (till.platform.refundState = "processing"),
  "refunds go wrong": () => void (till.platform.refundState = "abnormal"),
  "a refund succeeds in silence": (orderId) => settle(orderId, "succeeded", false),
  "a refund succeeds": (orderId) => settle(orderId, "succeeded", true),
  "a refund is closed": (orderId) => settle(orderId, "closed", true),
  "a refund is closed in silence": (orderId) => settle(orderId, "closed", false),
  "the platform is asked": () => till.clock.advance(40 * second),
  "it expires": () => till.clock.advance(16 * 60 * second),
  "close is busy": () => till.platform.fail("close", busy()),
  "query is busy": () => till.platform.fail("query", busy()),
  "refund is lost": () => till.platform.fail("refund", lost(), { after: true }),
  "refund is refused": () =>
    till.platform.fail("refund", MiniProgramErrors.REFUND_REJECTED({ platform_code: "NOT_ENOUGH" })),
  "close is lost": () => till.platform.fail("close", lost(), { after: true }),
};

function refund(orderId: string, name: string): Promise<unknown> {
  const request = { refundId: `${orderId}-${name}`, orderId, amount: money(100n), reason: "" };
  return till.call((payments) => payments.refund(request));
}

/** Everything that is under way comes to its end, as it does when the platform is well again. */
async function settled(orderId: string, wanted: boolean): Promise<void> {
  const { platform } = till;
  platform.failures.clear();
  platform.refundState = "succeeded";
  // The order repeats what was not answered.
  if (!wanted) await till.call((payments) => payments.voidPayment({ orderId, reason: "" }));
  await till.wait(
    `the end of ${orderId}`,
    async () => {
      for (const { order, state } of ours(orderId)) {
        if (state === "processing" || state === "abnormal") platform.settleRefund(order.outRefundNo, "succeeded");
      }
      const { payment } = await till.call((payments) => payments.getPayment({ orderId }));
      // One that nobody has paid is closed when it expires, which takes a while.
      if (payment?.status === PaymentStatus.AWAITING) return trade(orderId).state === "unpaid";
      if (payment?.status === PaymentStatus.VOIDED && payment.charged?.amount !== payment.refunded?.amount)
        return false;
      // Nothing that the platform and we see differently.
      const { refunds } = await till.call((payments) => payments.listRefunds({ openOnly: true, pageSize: 200 }));
      return !refunds.some((each) => each.orderId === orderId && each.state !== RefundState.CLOSED);
    },
    30 * second,
  );
}

test("whatever happens in whatever order, the books end as the platform's, and money of an order that is gone is back", async () => {
  let orders = 0;
  const wave = fc.array(fc.constantFrom(...Object.keys(steps)), { minLength: 1, maxLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(wave, { maxLength: 7 }), async (waves) => {
      const orderId = `any-${orders++}`;
      till.platform.failures.clear();
      till.platform.refundState = "succeeded";
      const before = (await till.sums()) ?? { payments: 0n, charged: 0n, refunded: 0n };
      await till.payOrder(orderId);
      for (const names of waves) await Promise.allSettled(names.map(async (name) => steps[name]?.(orderId)));
      const wanted = !waves.flat().includes("void");
      await settled(orderId, wanted);
      const [charged, refunded] = await till.booked(orderId);
      const { state, refunded: given } = trade(orderId);
      assert.deepEqual([charged, refunded], [state === "paid" ? 300n : 0n, given]);
      const sums = (await till.sums()) ?? { payments: 0n, charged: 0n, refunded: 0n };
      assert.equal(sums.payments - before.payments, charged === 0n ? 0n : 1n, "charged once at most");
      assert.equal(sums.charged - before.charged, charged);
      assert.equal(sums.refunded - before.refunded, refunded);
      if (!wanted) assert.equal(charged, refunded, "money of an order that is gone");
      // Told when the order has its money, once; and not when it is gone.
      const told = till.events.filter((id) => id === `${orderId}/paid`).length;
      assert.ok(told <= 1);
      if (charged > 0n && wanted) await till.wait("the event", () => till.events.includes(`${orderId}/paid`));
    }),
    { numRuns: 30 },
  );
  assert.deepEqual(await till.irregularities(), []);
});
