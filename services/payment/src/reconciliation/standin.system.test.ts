import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "@sampan/core";
import { wechatProvider } from "@sampan/miniprogram";
import {
  generateStandinKeys,
  relaxedRules,
  type Standin,
  standinConfiguration,
  startStandin,
} from "@sampan/miniprogram/standin";
import { createFakeClock, type FakeClock } from "@sampan/testkit";
import { type LedgerDesk, openLedgerDesk } from "./ledger-desk.fixture.js";

const noon = Date.parse("2026-11-20T04:00:00Z");
const day = 24 * 3_600_000;

async function control(standin: Standin, path: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${standin.url}/_control/${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
}

/** Moves time in small steps, each with a request of its own: what is asked over HTTP needs real time, too. */
async function until(standin: Standin, clock: FakeClock, holds: () => Promise<boolean>): Promise<void> {
  for (let steps = 0; !(await holds()); steps++) {
    assert.ok(steps < 600, "it did not happen");
    await clock.advance(1000);
    for (let i = 0; i < 3; i++) await (await fetch(`${standin.url}/_control/orders`)).text();
  }
}

test("through a strict platform: a payment without its callback is booked, and differences planted in its bill are found", async () => {
  const clock = createFakeClock(noon);
  // As a function, so that one platform lives through a night that the service does not wait for.
  let time = clock;
  const shared = {
    now: () => time.now(),
    monotonic: () => time.monotonic(),
    timer: (...rest: Parameters<FakeClock["timer"]>) => time.timer(...rest),
  };
  const keys = await generateStandinKeys();
  const standin = await startStandin({ keys, clock: shared, rules: relaxedRules });
  const provider = wechatProvider(standinConfiguration(keys, standin.url), { clock: shared, logger: silentLogger });
  const { pay } = provider;
  assert.ok(pay !== undefined);
  // Nobody listens there: no callback ever arrives.
  const options = { pay, gateway: "http://127.0.0.1:9", settings: { askInterval: 1000, askRefundAfter: [1000] } };
  let desk: LedgerDesk | undefined = await openLedgerDesk({ ...options, clock });
  try {
    await control(standin, "login-codes", { openid: "o-u" });
    const till = desk;
    const booked = async (orderId: string, charged: bigint, refunded: bigint) =>
      (await till.booked(orderId)).join() === `${charged},${refunded}`;
    for (const orderId of ["order-agrees", "order-gone", "order-amount"]) {
      const { prepayId } = await till.payOrder(orderId);
      await control(standin, "pay", { prepayId });
      await until(standin, clock, () => booked(orderId, 300n, 0n));
    }
    await till.refund("order-agrees", "refund-agrees", 100n);
    await till.refund("order-agrees", "refund-amount", 50n);
    await control(standin, "bill-plants", { plant: "missing", outTradeNo: "order-gone" });
    await control(standin, "bill-plants", { plant: "amount", outTradeNo: "order-amount", amount: 299 });
    const about = { outTradeNo: "order-agrees", outRefundNo: "refund-amount" };
    await control(standin, "bill-plants", { plant: "amount", ...about, amount: 51 });
    const extra = { outTradeNo: "order-extra", amount: 7, date: "2026-11-20" };
    await control(standin, "bill-plants", { plant: "additional", ...extra });

    const { folder } = till;
    await till.close({ keep: true });
    time = createFakeClock(noon + day);
    desk = await openLedgerDesk({ ...options, clock: time, folder });
    const next = desk;
    const reconciled = async () => {
      await next.call((payments) => payments.reconcileDay({ date: "2026-11-20" }));
      await until(standin, time, async () => (await next.found("2026-11-20")).reconciliation.status === 3);
      return (await next.found("2026-11-20")).differences;
    };
    assert.deepEqual(await reconciled(), [
      "AMOUNT_DIFFERS payment order-amount",
      "AMOUNT_DIFFERS refund refund-amount",
      "MISSING_HERE payment order-extra",
      "MISSING_THERE payment order-gone",
    ]);
    await control(standin, "bill-plants/clear", {});
    assert.deepEqual(await reconciled(), []);
  } finally {
    await desk?.close();
    provider.close();
    await standin.close();
  }
});
