import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createHealth } from "./health.js";

describe("health", () => {
  it("is ready when something is up and nothing is not", () => {
    const health = createHealth();
    assert.deepEqual(health.report(), { ready: false, state: "starting", checks: [] });
    health.set("order", "up");
    assert.equal(health.report().ready, true);
    health.set("sql", "down", "no disk");
    assert.deepEqual(health.report(), {
      ready: false,
      state: "down",
      checks: [
        { name: "order", state: "up", reason: "" },
        { name: "sql", state: "down", reason: "no disk" },
      ],
    });
    health.remove("sql");
    health.set("order", "draining");
    assert.equal(health.report().state, "draining");
  });

  it("tells of changes only", () => {
    const health = createHealth();
    const seen: string[] = [];
    const stop = health.onChange((report) => seen.push(report.state));
    health.set("a", "starting");
    health.set("a", "starting");
    health.set("a", "up");
    health.remove("b");
    stop();
    health.set("a", "down");
    assert.deepEqual(seen, ["starting", "up"]);
  });
});
