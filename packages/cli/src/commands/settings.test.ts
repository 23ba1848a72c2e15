import assert from "node:assert/strict";
import { test } from "node:test";
import { settingSections } from "@sampan/app";
import { describeSettings, duration, secret, settings, text } from "@sampan/config";
import { services } from "../platform/services.js";
import { listSettings } from "./settings.js";

const described = describeSettings({
  order: settings({ paymentWindow: duration({ default: "15m", doc: "how long an order waits" }) }),
  auth: settings({ operatorKey: secret({ doc: "what an operator logs in with" }), note: text({ default: "" }) }),
});

test("settings are listed by section, each with its flag, doc, limits, default and variable", () => {
  const list = listSettings(described, []);
  assert.match(list, /^order\n {2}--order.payment-window\n {6}how long an order waits\n {6}a duration/);
  assert.match(list, /default 15m; SAMPAN_ORDER_PAYMENT_WINDOW/);
  assert.match(
    list,
    /\n\nauth\n {2}--auth.operator-key-file\n {6}what an operator logs in with\n.*; required; SAMPAN_AUTH/,
  );
  assert.match(list, /--auth.note\n {6}[^\n]*default ""/);
});

test("only the sections that were asked for", () => {
  assert.doesNotMatch(listSettings(described, ["auth"]), /order/);
  assert.throws(() => listSettings(described, ["oder"]), {
    message: "there is no section oder",
    fix: "did you mean order?",
  });
  assert.throws(() => listSettings(described, ["xyzzy"]), { fix: "there are order, auth" });
});

test("every setting of the platform says what it is for", () => {
  const all = describeSettings(settingSections(services));
  assert.ok(all.length > 20);
  const silent = all.filter(({ doc }) => doc === "").map(({ setting }) => setting);
  assert.deepEqual(silent, []);
  // Only the operator's key has none, which `up` makes.
  const required = all.filter((each) => each.default === undefined).map(({ setting }) => setting);
  assert.deepEqual(required, ["auth.operatorKey"]);
});
