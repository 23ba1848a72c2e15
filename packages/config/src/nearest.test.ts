import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nearest } from "./nearest.js";

describe("nearest", () => {
  const names = ["order.paymentWindow", "order.maxLines", "gateway.port"];

  it("finds names with a few typing errors, in any spelling", () => {
    assert.equal(nearest("order.paymentWindo", names), "order.paymentWindow");
    assert.equal(nearest("order.payment-window", names), "order.paymentWindow");
    assert.equal(nearest("ORDER_MAX_LNIES", names), "order.maxLines");
    assert.equal(nearest("gatway.prot", names), "gateway.port");
  });

  it("suggests nothing for another word", () => {
    assert.equal(nearest("database.url", names), undefined);
    assert.equal(nearest("", names), undefined);
    assert.equal(nearest("x".repeat(100_000), names), undefined);
  });
});
