// limit: 600s
import assert from "node:assert/strict";
import { test } from "node:test";
import { everyBoundary, rehearse, type Strike } from "./boundaries.fixture.js";
import { scenarios } from "./scenarios.fixture.js";
import { SplitInstallation } from "./split-installation.fixture.js";
import { Theatre } from "./theatre.fixture.js";

test("split: the process of each boundary killed there, the supervisor brings it back and the books are right", async (t) => {
  const theatre = await Theatre.on(await SplitInstallation.create());
  try {
    const strikes = await rehearse(theatre, scenarios);
    assert.deepEqual([...new Set(strikes.map(({ point }) => point))].sort(), [...everyBoundary].sort());
    // Each boundary once; every way to each of them is what the test of the single process goes.
    const chosen = everyBoundary.map((boundary) => strikes.find(({ point }) => point === boundary) as Strike);
    chosen.sort((a, b) => scenarios.indexOf(a.scenario) - scenarios.indexOf(b.scenario));
    for (const { scenario, point, nth } of chosen) {
      await theatre.waitFor(scenario);
      await t.test(`${scenario.name}: killed at ${point}`, () =>
        theatre.strike(scenario, point, nth, scenario.paymentWindow),
      );
    }
    t.diagnostic(`${chosen.length} kills, ${theatre.client.repeats} requests were sent again`);
    assert.deepEqual(await theatre.audit(), []);
  } finally {
    await theatre.close();
  }
});
