import assert from "node:assert/strict";
import { test } from "node:test";
import { callbackSignature, requestSignature, sameText } from "./signature.js";

/** Sums made with md5sum and sha1sum of the texts that the vendor's pages describe. */
test("requests are signed over sorted values and the salt, without who asks", () => {
  const body = {
    app_id: "tt1",
    thirdparty_id: "tp1",
    sign: "old",
    out_order_no: "a_1",
    total_amount: 1200,
    subject: "tea",
    body: ' "tea" ',
    valid_time: 300,
    notify_url: "https://shop.example/cb",
    cp_extra: "",
    msg_page: "null",
  };
  assert.equal(requestSignature(body, "salt"), "189111dabf7c5c63b38a88cc2b812916");
});

test("values are sorted by their bytes, as the vendor's languages do", () => {
  assert.equal(requestSignature({ a: "🍵", b: "！" }, "s"), "cd80bff65b6fe87a5c824f7cf083326f");
});

test("callbacks are signed over four sorted texts", () => {
  assert.equal(
    callbackSignature("token", "1602507471", "797", '{"appid":"tt1"}'),
    "d1ce70ef795f9c920b7d564c9b4042e7f3b3b106",
  );
});

test("texts are the same or not, whatever their length", () => {
  assert.ok(sameText("abc", "abc"));
  for (const other of ["abd", "ab", "abcd", ""]) assert.equal(sameText("abc", other), false);
});
