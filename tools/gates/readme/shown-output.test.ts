import assert from "node:assert/strict";
import { test } from "node:test";
import { printsWhatIsShown } from "./shown-output.js";

test("times, ids and durations may differ, and what is left out is anything", () => {
  const shown =
    '{"orderId":"01m7yyvwbst860bseazhvy4thp","at":"2026-11-21T11:46:32.136Z","token":"…"}\n✓ ordered   15.5 ms\n';
  const printed =
    'noise\n{"orderId":"01m8yyvwbst860bseazhvy4thp","at":"2027-01-01T00:00:00Z","token":"eyJ.x"}\n✓ ordered 115.5 ms\n';
  assert.ok(printsWhatIsShown(shown, printed));
});

test("another word, number or field is a difference", () => {
  for (const [shown, printed] of [
    ['{"amount":"1999"}', '{"amount":"1998"}'],
    ['{"code":7}', '{"code":7,"status":"NO"}'],
    ["1 steps passed", "0 steps passed"],
    ['"at":"2026-11-21T11:46:32.136Z"', '"at":""'],
  ] as const)
    assert.ok(!printsWhatIsShown(shown, printed), shown);
});

test("a command that shows nothing may print anything", () => {
  assert.ok(printsWhatIsShown("", "anything"));
});
