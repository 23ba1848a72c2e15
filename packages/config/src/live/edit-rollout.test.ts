import assert from "node:assert/strict";
import { test } from "node:test";
import { editRollout } from "./edit-rollout.js";

const text = `# orders
settings: { order: { lines: 1 } }
rollouts:
  - name: more # lines
    to: { instances: 10%, zones: [ a ] }
    settings: { order: { lines: 2, note: x }, process: { logLevel: debug } }
  - name: acme
    to: { tenants: [ acme ] }
    settings: { order: { lines: 3 } }
`;

test("a rollout gets another percentage, and everything else stays", () => {
  assert.deepEqual(editRollout(text, "more", "25%"), { text: text.replace("10%", "25%") });
});

test("a finished rollout's settings are everybody's", () => {
  const edited = editRollout(text, "more", undefined);
  assert.ok("text" in edited);
  assert.match(edited.text, /lines: 2/);
  assert.match(edited.text, /logLevel: debug/);
  assert.doesNotMatch(edited.text, /name: more/);
  assert.match(edited.text, /name: acme/);
});

test("what does not exist, cannot be read or is for tenants is told", () => {
  const problem = (edited: object): string => ("problem" in edited ? `${edited.problem}` : "");
  assert.match(problem(editRollout(text, "less", "1%")), /has no rollout less/);
  assert.match(problem(editRollout("", "less", "1%")), /has no rollout less/);
  assert.match(problem(editRollout("[", "less", "1%")), /cannot be read/);
  assert.match(problem(editRollout(text, "acme", undefined)), /is for tenants/);
});
