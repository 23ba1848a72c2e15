// limit: 600s
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Scenario, scenarios } from "./scenarios.fixture.js";
import { Theatre } from "./theatre.fixture.js";

/**
 * Every point at which a saga of the platform can be interrupted. The services' own tests say that these are all; here
 * each is one at which the process is killed.
 */
const everyBoundary = [
  ...["reserve", "charge", "pay-order"].flatMap((step) => both(`place-order/${step}`)),
  ...["before-attend", "after-attend-commit"].map((point) => `place-order/payment:${point}`),
  ...forward("place-order/confirm"),
  ...forward("refund-order/refund"),
  ...forward("refund-order/restock"),
  ...forward("give-back/accept"),
  ...forward("give-back/refund"),
];

function forward(step: string): string[] {
  return ["before-run", "after-run", "after-commit"].map((point) => `${step}:${point}`);
}

function both(step: string): string[] {
  const back = ["before-compensate", "after-compensate", "after-compensate-commit"].map((point) => `${step}:${point}`);
  return [...forward(step), ...back];
}

/** A boundary, in one way that an order can go, and which time it is reached there. */
interface Strike {
  readonly scenario: Scenario;
  readonly point: string;
  readonly nth: number;
}

/** Plays scenarios without a kill, to learn where they can be killed. */
async function rehearse(theatre: Theatre, ways: readonly Scenario[]): Promise<Strike[]> {
  const strikes: Strike[] = [];
  for (const scenario of ways) {
    await theatre.waitFor(scenario);
    const counts = new Map<string, number>();
    for (const point of await theatre.rehearse(scenario)) {
      const nth = (counts.get(point) ?? 0) + 1;
      counts.set(point, nth);
      strikes.push({ scenario, point, nth });
    }
  }
  return strikes;
}

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
