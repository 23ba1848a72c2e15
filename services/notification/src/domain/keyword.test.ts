import assert from "node:assert/strict";
import { test } from "node:test";
import { unfitKeyword } from "./keyword.js";

test("a vendor whose forms are not documented names keywords in any script", () => {
  for (const keyword of ["keyword1", "物品名称", "订单_1", "k".repeat(32)]) {
    assert.equal(unfitKeyword("douyin", keyword, "tea"), undefined, keyword);
  }
  for (const keyword of ["", "1物品", "_a", "物品 名称", "a.b", "价格¥", "k".repeat(33)]) {
    assert.equal(unfitKeyword("douyin", keyword, "tea"), "is no name of a keyword", keyword);
  }
  assert.equal(unfitKeyword("alipay", "keyword1", "x".repeat(64)), undefined);
  assert.notEqual(unfitKeyword("alipay", "keyword1", "x".repeat(65)), undefined);
  assert.notEqual(unfitKeyword("alipay", "keyword1", ""), undefined);
});

test("WeChat's are a kind and a number", () => {
  assert.equal(unfitKeyword("wechat", "thing1", "龙井茶"), undefined);
  assert.notEqual(unfitKeyword("wechat", "物品名称", "龙井茶"), undefined);
});
