import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { BillLine } from "../../../bill.js";
import { BillReader } from "./bill-reader.js";
import { BillDefect } from "./line-splitter.js";

/** As the vendor's page and its own client's tests show a bill of one small payment. */
const heads =
  "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额," +
  "代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注";
const payment =
  "`2021-01-28 17:07:11,`wx81be3101902f7cb2,`1601959334,`0,`,`4200000925202101284997714292,`S20210128170702357723," +
  "`ofyak5qR_1wYsC99CsWA6R9MJazA,`NATIVE,`SUCCESS,`OTHERS,`CNY,`0.01,`0.00,`0,`0,`0.00,`0.00,`,`,`for testing,`cipher code," +
  "`0.00000,`1.00%,`0.01,`0.00,`";
const refund =
  "`2021-01-28 18:00:00,`wx81be3101902f7cb2,`1601959334,`0,`,`4200000925202101284997714292,`S20210128170702357723," +
  "`ofyak5qR_1wYsC99CsWA6R9MJazA,`NATIVE,`REFUND,`OTHERS,`CNY,`0.00,`0.00,`5030,`R1,`12.34,`0.00,`ORIGINAL,`PROCESSING," +
  "`for testing,`cipher code,`-0.07404,`0.60%,`0.00,`12.34,`";
const totals = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额";

function read(lines: readonly string[]): BillLine[] {
  const reader = new BillReader();
  const found = lines.flatMap((line) => reader.line(line) ?? []);
  reader.end();
  return found;
}

test("payments and refunds are read by the names of their columns", () => {
  const lines = read([heads, payment, refund, totals, "`2,`0.01,`12.34,`0.00,`-0.07404,`0.01,`12.34", ""]);
  const shared = {
    outTradeNo: "S20210128170702357723",
    transactionId: "4200000925202101284997714292",
    payerOpenid: "ofyak5qR_1wYsC99CsWA6R9MJazA",
    currency: "CNY",
  };
  assert.deepEqual(lines, [
    { kind: "payment", ...shared, at: Date.parse("2021-01-28T17:07:11+08:00"), amount: 1n, feeThousandths: 0n },
    {
      kind: "refund",
      ...shared,
      at: Date.parse("2021-01-28T18:00:00+08:00"),
      amount: 1234n,
      feeThousandths: -7404n,
      refundId: "5030",
      outRefundNo: "R1",
      state: "processing",
    },
  ]);
});

test("a bill of payments alone has no columns of refunds, and older ones none of coupons", () => {
  const short = "交易时间,微信订单号,商户订单号,用户标识,交易状态,货币种类,手续费,订单金额";
  const lines = read([
    short,
    "`2021-01-28 17:07:11,`42,`S1,`o,`SUCCESS,`CNY,`0.06000,`10.00",
    totals,
    "`1,`9,`9,`9,`0.06000,`10.00,`9",
  ]);
  assert.equal(lines[0]?.amount, 1000n);
  const refundHere = "`2021-01-28 17:07:11,`42,`S1,`o,`REFUND,`CNY,`0.06000,`10.00";
  assert.throws(() => read([short, refundHere]), /line 2: the column 微信退款单号 is missing/);
});

test("on a bill of refunds the time is when the refund was asked for", () => {
  const head =
    "交易时间,微信订单号,商户订单号,用户标识,交易状态,货币种类,退款申请时间,微信退款单号,商户退款单号,退款状态,手续费,订单金额,申请退款金额";
  const line = (state: string): string =>
    `\`2021-01-01 00:00:00,\`42,\`S1,\`o,\`REFUND,\`CNY,\`2021-01-28 17:07:11,\`50,\`R1,\`${state},\`0.00000,\`0.00,\`1.00`;
  const states = { SUCCESS: "succeeded", PROCESSING: "processing", FAIL: "closed", CHANGE: "abnormal" };
  for (const [state, expected] of Object.entries(states)) {
    const [found] = read([head, line(state), totals, "`1,`0.00,`0.00,`0.00,`0.00000,`0.00,`1.00"]);
    assert.ok(found?.kind === "refund");
    assert.equal(found.state, expected);
    assert.equal(found.at, Date.parse("2021-01-28T17:07:11+08:00"));
  }
  assert.throws(() => read([head, line("ELSE")]), /state that is not known/);
});

test("commas in names do not move the cells", () => {
  const named = payment.replace("for testing", "tea, two packs");
  assert.equal(read([heads, named, totals, "`1,`0.01,`0.00,`0.00,`0.00000,`0.01,`0.00"]).length, 1);
});

const good = [heads, payment, payment, totals, "`2,`0.02,`0.00,`0.00,`0.00000,`0.02,`0.00"];
const spoilt: readonly (readonly [what: string, lines: readonly string[], message: RegExp])[] = [
  ["a file that is no bill", ["<html>"], /line 1: the column 交易时间 is missing/],
  ["an empty file", [], /ends before its summary/],
  ["a bill that is cut off", good.slice(0, 3), /ends before its summary/],
  ["one without the summary's values", good.slice(0, 4), /ends before its summary/],
  ["a line that is lost", [heads, payment, ...good.slice(3)], /line 4: 1 lines, but the summary counts others/],
  ["a line too many", [heads, payment, ...good.slice(1)], /line 6: 3 lines/],
  [
    "another amount",
    [heads, payment.replaceAll("`0.01", "`0.02"), ...good.slice(2)],
    /line 5: .* is not the lines' sum/,
  ],
  ["another fee", [...good.slice(0, 4), "`2,`0.02,`0.00,`0.00,`0.00001,`0.02,`0.00"], /手续费总金额 is not/],
  ["a cell too few", [heads, payment.slice(0, -2), ...good.slice(2)], /26 cells under 27 heads/],
  ["a line without backticks", [heads, payment.replaceAll("`", ""), ...good.slice(2)], /neither a line of the bill/],
  ["a summary of fewer values", [...good.slice(0, 4), "`2,`0.02"], /does not fit its heads/],
  ["more after the summary", [...good, payment], /something follows the summary/],
  [
    "an amount that is no yuan",
    [heads, payment.replace("`0.01,`0.00,`0,", "`1e2,`0.00,`0,"), ...good.slice(2)],
    /two decimals/,
  ],
  ["a time that is none", [heads, payment.replace("2021-01-28", "2021-02-30"), ...good.slice(2)], /a time is not like/],
  ["a trade state that is new", [heads, payment.replace("SUCCESS", "ELSE"), ...good.slice(2)], /trade state/],
  ["no order number", [heads, payment.replace("S20210128170702357723", ""), ...good.slice(2)], /is empty/],
];

test("the bill that the spoilt ones are made of is good", () => {
  assert.equal(read(good).length, 2);
});

for (const [what, lines, message] of spoilt) {
  test(`${what} is a defect that says where`, () => {
    assert.throws(
      () => read(lines),
      (error: Error) => error instanceof BillDefect && message.test(error.message),
    );
  });
}

test("whatever the lines are, the reader gives lines or a defect", () => {
  const cell = fc.oneof(fc.string(), fc.constantFrom("0.01", "SUCCESS", "REFUND", "`", "总交易单数"));
  const line = fc.oneof(
    fc.array(cell, { maxLength: 30 }).map((cells) => cells.map((text) => `\`${text}`).join(",")),
    fc.constantFrom(heads, payment, refund, totals, ""),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      try {
        read(lines);
      } catch (error) {
        assert.ok(error instanceof BillDefect, String(error));
      }
    }),
  );
});
