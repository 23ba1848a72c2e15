import assert from "node:assert/strict";
import { test } from "node:test";
import { Denials } from "./denials.js";

const refused = { allowed: false, rule: "", because: "", shadow: undefined };
const shadow = { allowed: true, rule: "", because: "", shadow: { allowed: false, rule: "no-carts" } };

test("refusals are counted by caller and method, those in shadow apart, the latest first", () => {
  const denials = new Denials(10);
  denials.note("cart", "a.S/M", refused, 1);
  denials.note("cart", "a.S/M", shadow, 2);
  denials.note("cart", "a.S/M", refused, 3);
  assert.deepEqual(denials.list(), [
    { identity: "cart", method: "a.S/M", rule: "", isShadow: false, count: 2, firstAt: 1, lastAt: 3 },
    { identity: "cart", method: "a.S/M", rule: "no-carts", isShadow: true, count: 1, firstAt: 2, lastAt: 2 },
  ]);
});

test("of too many pairs the one not seen for longest is forgotten", () => {
  const denials = new Denials(2);
  for (const [at, identity] of ["a", "b", "a", "c"].entries()) denials.note(identity, "a.S/M", refused, at);
  assert.deepEqual(
    denials.list().map(({ identity, count }) => `${identity} ${count}`),
    ["c 1", "a 2"],
  );
});
