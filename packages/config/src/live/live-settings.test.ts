import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveSettings } from "./live-settings.js";
import { compiled, sections } from "./remote-document.fixture.js";

const document = (fields: string): string => `settings: { order: { ${fields} } }`;

test("live settings change, others keep what they had at the start and are named", () => {
  const live = new LiveSettings(sections, compiled(document("lines: 1, port: 81")));
  const order = live.view("order");
  const told: [number, number][] = [];
  order.watch((now, before) => void told.push([before.lines, now.lines]));
  const start = order.current;
  const swap = live.swap(compiled(document("lines: 2, port: 82")));
  assert.deepEqual(swap, { changed: ["order.lines"], waiting: ["order.port"] });
  assert.equal(start.lines, 1);
  assert.equal(order.current.lines, 2);
  assert.equal(order.current.port, 81);
  assert.ok(Object.isFrozen(order.current));
  assert.deepEqual(told, [[1, 2]]);
  assert.deepEqual(live.swap(compiled(document("lines: 2, port: 81"))), { changed: [], waiting: [] });
  assert.equal(told.length, 1);
});

test("listeners are told when only a tenant's values change, and no more once they have ended", () => {
  const live = new LiveSettings(sections, compiled(""));
  const order = live.view("order");
  let told = 0;
  const stop = order.watch(() => void told++);
  live.swap(compiled("tenants: { acme: { settings: { order: { lines: 3 } } } }"));
  assert.equal(told, 1);
  assert.equal(order.for("acme").lines, 3);
  assert.equal(order.for("other"), order.current);
  stop();
  live.swap(compiled(document("lines: 4")));
  assert.equal(told, 1);
  assert.equal(order.for("acme").lines, 4);
});

test("when a listener throws all go back, those that were told in reverse order", () => {
  const live = new LiveSettings(sections, compiled(document("lines: 1")));
  const notes: string[] = [];
  const order = live.view("order");
  for (const name of ["a", "b"]) order.watch(({ lines }) => void notes.push(`${name}${lines}`));
  order.watch(({ lines }) => {
    notes.push(`c${lines}`);
    if (lines === 2) throw new Error("no");
  });
  order.watch(() => void notes.push("d"));
  assert.throws(() => live.swap(compiled(document("lines: 2"))), /^Error: no$/);
  assert.deepEqual(notes, ["a2", "b2", "c2", "c1", "b1", "a1"]);
  assert.equal(order.current.lines, 1);
});
