import assert from "node:assert/strict";
import { test } from "node:test";
import { MiniProgramErrors } from "@sampan/miniprogram";
import { keepablePrepayId, longestPrepayId, preparedMessage } from "./prepared.js";

const unfit = MiniProgramErrors.PLATFORM_ANSWER_INVALID.is;
const wechat = { appId: "", timeStamp: "", nonceStr: "", package: "", signType: "", paySign: "" };

test("WeChat's parameters are in the fields that were there first, and in the map", () => {
  const parameters = {
    ...{ appId: "wx1", timeStamp: "1", nonceStr: "n", package: "prepay_id=wx2" },
    ...{ signType: "RSA", paySign: "signed" },
  };
  assert.deepEqual(preparedMessage(parameters), { ...parameters, clientParameters: parameters });
});

test("another vendor's are in the map alone, under its own names", () => {
  for (const parameters of [{ tradeNO: "2026" }, { order_id: "7", order_token: "t" }]) {
    assert.deepEqual(preparedMessage(parameters), { ...wechat, clientParameters: parameters });
  }
});

test("no more and no longer parameters than the contract allows", () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`name${i}`, "v"]));
  assert.equal(Object.keys(preparedMessage(many(16)).clientParameters).length, 16);
  assert.throws(() => preparedMessage(many(17)), unfit);
  assert.equal(preparedMessage({ token: "舟".repeat(2048) }).clientParameters.token?.length, 2048);
  assert.throws(() => preparedMessage({ token: "舟".repeat(2049) }), unfit);
});

test("an order's id is kept whole or not at all", () => {
  const longest = "t".repeat(longestPrepayId);
  assert.equal(keepablePrepayId(longest), longest);
  assert.throws(() => keepablePrepayId(`${longest}t`), unfit);
  assert.throws(() => keepablePrepayId(""), unfit);
});
