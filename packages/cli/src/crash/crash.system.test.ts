// limit: 600s
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { everyBoundary, rehearse, type Strike } from "./boundaries.fixture.js";
import { scenarios } from "./scenarios.fixture.js";
import { Theatre } from "./theatre.fixture.js";

async function strikeAll(t: TestContext, theatre: Theatre, strikes: readonly Strike[]): Promise<void> {
  for (const [index, { scenario, point, nth }] of strikes.entries()) {
    await theatre.waitFor(scenario);
    const next = strikes[index + 1]?.scenario ?? scenario;
    await t.test(`${scenario.name}: killed at ${point}${nth > 1 ? `, reached ${nth} times` : ""}`, () =>
      theatre.strike(scenario, point, nth, next.paymentWindow),
    );
  }
  const { installation, client } = theatre;
  t.diagnostic(`${strikes.length} kills, ${installation.starts} starts, ${client.repeats} requests were sent again`);
}

test("killed at every boundary, in every way that an order can go, the books are right after the restart", async (t) => {
  const theatre = await Theatre.open("outside");
  try {
    const strikes = await rehearse(theatre, scenarios);
    assert.deepEqual([...new Set(strikes.map(({ point }) => point))].sort(), [...everyBoundary].sort());
    await strikeAll(t, theatre, strikes);
    assert.deepEqual(await theatre.audit(), []);
  } finally {
    await theatre.close();
  }
});

test("the same with the stand-in in the process that is killed: it forgets nothing that it has answered for", async (t) => {
  const theatre = await Theatre.open("embedded");
  try {
    const ways = scenarios.filter(
      ({ name }) => name === "paid through the platform" || name === "one piece refunded through the platform",
    );
    await strikeAll(t, theatre, await rehearse(theatre, ways));
    // Messages are not money: the stand-in answers for those before they are on the disk.
    const faults = (await theatre.audit()).filter((fault) => !/ messages arrived, /.test(fault));
    assert.deepEqual(faults, []);
  } finally {
    await theatre.close();
  }
});
