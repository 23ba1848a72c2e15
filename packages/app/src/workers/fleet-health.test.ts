import assert from "node:assert/strict";
import { test } from "node:test";
import { createHealth } from "@sampan/telemetry";
import { FleetHealth } from "./fleet-health.js";

test("a service is ready when all workers have been, and as long as one is", () => {
  const health = createHealth();
  const fleet = new FleetHealth(health, 2);
  const report = () => {
    const { ready, checks } = health.report();
    return [ready, checks.map(({ name, state }) => `${name} ${state}`).sort()];
  };
  assert.deepEqual(report(), [false, ["worker 1 starting", "worker 2 starting", "workers starting"]]);
  fleet.ready(1, 1);
  assert.deepEqual(report(), [false, ["worker 1 up", "worker 2 starting", "workers starting"]]);
  fleet.gone(1, 0);
  fleet.ready(2, 1);
  assert.equal(health.report().ready, false);
  fleet.ready(1, 2);
  assert.deepEqual(report(), [true, ["worker 1 up", "worker 2 up", "workers up"]]);
  fleet.gone(2, 1);
  assert.deepEqual(report(), [true, ["worker 1 up", "workers up"]]);
  assert.match(health.report().checks.find(({ name }) => name === "workers")?.reason ?? "", /1 of 2/);
  fleet.gone(1, 0);
  assert.deepEqual(report(), [false, ["workers starting"]]);
  fleet.ready(1, 1);
  assert.equal(health.report().ready, true);
});
