import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { type TestContext, test } from "node:test";
import type { BillLine, BillRequest } from "../../../index.js";
import { MiniProgramErrors } from "../../../index.js";
import { formatAuthorization } from "../../../wechat/pay/authorization.js";
import { requestMessage, signText } from "../../../wechat/pay/signature.js";
import { rejectsWith, startWorld, type World } from "../../world.fixture.js";

const hour = 3_600_000;
const day = 24 * hour;

/** A world at noon in China, so that what happens within some hours is of one day. */
async function noonWorld(t: TestContext): Promise<{ world: World; date: string }> {
  const world = await startWorld(t, { rules: { refundSpacingMs: 0 } });
  await world.clock.advance(day - ((world.clock.now() + 8 * hour) % day) + 12 * hour);
  return { world, date: new Date(world.clock.now() + 8 * hour).toISOString().slice(0, 10) };
}

async function paidOrder(world: World, outTradeNo: string, amount = 1200n) {
  const order = await world.order({ outTradeNo, amount });
  await world.control("pay", { prepayId: order.prepayId });
  return order;
}

async function lines(world: World, bill: BillRequest): Promise<BillLine[]> {
  const found: BillLine[] = [];
  for await (const line of world.pay.downloadBill(bill, world.call())) found.push(line);
  return found;
}

const brief = (found: readonly BillLine[]): string[] =>
  found.map((line) => `${line.outTradeNo}${line.kind === "refund" ? `/${line.outRefundNo}` : ""} ${line.amount}`);

test("a bill has the day's payments and refunds, and each kind its own", async (t) => {
  const { world, date } = await noonWorld(t);
  const first = await paidOrder(world, "bill-1");
  await paidOrder(world, "bill-2", 5n);
  await world.order({ outTradeNo: "bill-unpaid" });
  const refund = { ...first, outRefundNo: "r-1", amount: 200n, total: 1200n };
  await world.pay.refund(refund, world.call());
  await world.clock.advance(day);
  await world.control("orders/bill-1/refund-outcome", { outcome: "ABNORMAL" });
  await world.pay.refund({ ...refund, outRefundNo: "r-2", amount: 300n }, world.call());
  await paidOrder(world, "bill-3", 7n);
  await world.clock.advance(day);

  assert.deepEqual(brief(await lines(world, { kind: "trade", date })), ["bill-1 1200", "bill-1/r-1 200", "bill-2 5"]);
  assert.deepEqual(brief(await lines(world, { kind: "payment", date })), ["bill-1 1200", "bill-2 5"]);
  const next = new Date(world.clock.now() + 8 * hour - day).toISOString().slice(0, 10);
  const [abnormal, ...none] = await lines(world, { kind: "refund", date: next });
  assert.deepEqual(none, []);
  assert.ok(abnormal?.kind === "refund");
  assert.equal(abnormal.state, "abnormal");
  assert.equal(abnormal.at, world.clock.now() - day);
  assert.equal(abnormal.feeThousandths, -2000n);
  const [payment] = await lines(world, { kind: "payment", date });
  const transaction = await world.pay.query("bill-1", world.call());
  assert.equal(payment?.transactionId, transaction.transactionId);
  assert.equal(payment?.payerOpenid, transaction.payerOpenid);
  assert.equal(payment?.at, transaction.paidAt);
  assert.equal(payment?.feeThousandths, 7000n);
});

test("names with commas and line ends do not break a bill", async (t) => {
  const { world, date } = await noonWorld(t);
  const order = await world.order({ outTradeNo: "bill-name", description: "tea,`milk\r\n`SUCCESS" });
  await world.control("pay", { prepayId: order.prepayId });
  await world.clock.advance(day);
  assert.deepEqual(brief(await lines(world, { kind: "trade", date })), ["bill-name 1200"]);
});

test("a bill is made at ten in the morning after its day, and kept for three months", async (t) => {
  const { world, date } = await noonWorld(t);
  await paidOrder(world, "bill-time");
  const bill: BillRequest = { kind: "trade", date };
  const refused = (code: string, factory = MiniProgramErrors.PAY_REQUEST_INVALID): Promise<void> =>
    rejectsWith(lines(world, bill), factory, code);
  await refused("INVALID_REQUEST");
  await world.clock.advance(12 * hour - 1);
  await refused("INVALID_REQUEST");
  await world.clock.advance(1);
  await refused("STATEMENT_CREATING", MiniProgramErrors.BILL_NOT_READY);
  await world.clock.advance(10 * hour - 1);
  await refused("STATEMENT_CREATING", MiniProgramErrors.BILL_NOT_READY);
  await world.clock.advance(1);
  assert.equal((await lines(world, bill)).length, 1);
  const yesterday = new Date(Date.parse(date) - day).toISOString().slice(0, 10);
  await rejectsWith(lines(world, { ...bill, date: yesterday }), MiniProgramErrors.BILL_NOT_FOUND, "NO_STATEMENT_EXIST");
  await rejectsWith(lines(world, { kind: "refund", date }), MiniProgramErrors.BILL_NOT_FOUND);
  await world.clock.advance(92 * day - 34 * hour - 1);
  assert.equal((await lines(world, bill)).length, 1);
  await world.clock.advance(1);
  await refused("INVALID_REQUEST");
});

test("differences can be planted: a lost line, another amount, a line of nothing", async (t) => {
  const { world, date } = await noonWorld(t);
  const order = await paidOrder(world, "plant-1");
  await paidOrder(world, "plant-2");
  await world.pay.refund({ ...order, outRefundNo: "r-9", amount: 100n, total: 1200n }, world.call());
  await world.clock.advance(day);
  const bill: BillRequest = { kind: "trade", date };
  assert.deepEqual(brief(await lines(world, bill)), ["plant-1 1200", "plant-1/r-9 100", "plant-2 1200"]);
  await world.control("bill-plants", { plant: "missing", outTradeNo: "plant-1" }, 201);
  await world.control("bill-plants", { plant: "amount", outTradeNo: "plant-1", outRefundNo: "r-9", amount: 99 }, 201);
  await world.control("bill-plants", { plant: "additional", outTradeNo: "plant-x", amount: 1, date }, 201);
  const extra = { plant: "additional", outTradeNo: "plant-2", outRefundNo: "r-x", amount: 2, date };
  await world.control("bill-plants", extra, 201);
  const planted = ["plant-1/r-9 99", "plant-2 1200", "plant-x 1", "plant-2/r-x 2"];
  assert.deepEqual(brief(await lines(world, bill)), planted);
  await world.control("bill-plants/clear", {});
  assert.equal((await lines(world, bill)).length, 3);

  for (const wrong of [
    {},
    { plant: "missing" },
    { plant: "lost", outTradeNo: "x", amount: 1 },
    { plant: "amount", outTradeNo: "x", amount: 0 },
    { plant: "additional", outTradeNo: "x", amount: 1, date: "2026-02-30" },
  ]) {
    await world.control("bill-plants", wrong, 400);
  }
});

test("a bill's address is good for five minutes, for the merchant who asked", async (t) => {
  const { world, date } = await noonWorld(t);
  await paidOrder(world, "bill-address");
  await world.clock.advance(day);
  const place = await signedGet(world, `/v3/bill/tradebill?bill_date=${date}`);
  const { download_url } = JSON.parse(place.text);
  assert.ok(download_url.startsWith(`${world.standin.url}/v3/billdownload/file?token=`));
  const target = download_url.slice(world.standin.url.length);
  await world.clock.advance(299_999);
  const file = await signedGet(world, target);
  assert.equal(file.status, 200);
  // Not packed, as nobody asked for it; and not signed.
  assert.match(file.text, /^\uFEFF?交易时间,[\s\S]*`bill-address,[\s\S]*\n总交易单数,/);
  assert.equal(file.headers.get("wechatpay-signature"), null);
  assert.equal((await fetch(download_url)).status, 401);
  await world.clock.advance(1);
  const late = await signedGet(world, target);
  assert.equal(late.status, 400);
  assert.equal(JSON.parse(late.text).code, "INVALID_REQUEST");
  for (const query of [
    "a=b",
    "bill_date=20261120",
    `bill_date=${date}&bill_type=SOME`,
    `bill_date=${date}&tar_type=ZIP`,
  ]) {
    const wrong = await signedGet(world, `/v3/bill/tradebill?${query}`);
    assert.equal(JSON.parse(wrong.text).code, "PARAM_ERROR", query);
  }
});

async function signedGet({ keys, clock, standin }: World, target: string) {
  const given = { nonceStr: "nonce", timestamp: String(Math.floor(clock.now() / 1000)) };
  const message = requestMessage("GET", target, given.timestamp, given.nonceStr, "");
  const signature = await signText(message, createPrivateKey(keys.merchant.privateKey));
  const authorization = formatAuthorization({
    ...given,
    mchid: keys.merchantId,
    serialNo: keys.merchantSerial,
    signature,
  });
  const answer = await fetch(standin.url + target, {
    headers: { accept: "application/json", "user-agent": "test", authorization },
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}
