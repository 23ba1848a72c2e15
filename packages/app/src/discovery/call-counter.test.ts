import assert from "node:assert/strict";
import { test } from "node:test";
import { createMeter } from "@sampan/telemetry";
import { countingObserver } from "./call-counter.js";

test("calls are counted by endpoint and outcome, up to 64 endpoints of a service", () => {
  const meter = createMeter();
  const observer = countingObserver("shop", meter);
  for (let i = 0; i < 66; i++) observer.outcome(`unix:/run/${i}`, i % 2 === 0, 1, 0);
  observer.outcome("unix:/run/0", true, 1, 0);
  const lines = meter.expose().split("\n");
  const value = (endpoint: string, outcome: string): number => {
    const line = lines.find((each) => each.includes(`endpoint="${endpoint}"`) && each.includes(`outcome="${outcome}"`));
    return Number(line?.split(" ").at(-1));
  };
  assert.equal(value("unix:/run/0", "ok"), 2);
  assert.equal(value("unix:/run/1", "failed"), 1);
  assert.equal(value("other", "ok"), 1);
  assert.equal(value("other", "failed"), 1);
});

test("another observer is asked and told", () => {
  const told: string[] = [];
  const inner = {
    healthy: (address: string) => address !== "bad",
    outcome: (address: string, ok: boolean) => void told.push(`${address} ${ok}`),
  };
  const observer = countingObserver("shop", createMeter(), inner);
  assert.deepEqual([observer.healthy("bad", 0), observer.healthy("good", 0)], [false, true]);
  observer.outcome("bad", false, 1, 0);
  assert.deepEqual(told, ["bad false"]);
  assert.equal(countingObserver("shop", createMeter()).healthy("bad", 0), true);
});
