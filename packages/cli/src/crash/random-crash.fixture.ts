import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { seededRandom } from "@sampan/testkit";
import { faultsIn } from "./audit.fixture.js";
import { type Books, readBooks, readOutside } from "./books.fixture.js";
import type { Killable } from "./installation.fixture.js";
import { quiet } from "./quiet.fixture.js";
import { customers, type Outcome, placeOrder, playLoad, products } from "./random-load.fixture.js";
import { orderIdOf } from "./scenarios.fixture.js";
import { type Customer, StubbornClient } from "./stubborn-client.fixture.js";

export interface RandomCrash {
  readonly seed: number;
  readonly kills: number;
  readonly leastOrders: number;
  readonly concurrency: number;
  /** Kills something of the installation, and sees that it starts again, or will. */
  readonly strike: (index: number) => Promise<void>;
}

/**
 * Plays orders on an installation that is killed at random moments, until there were enough of both, and audits the books.
 * Removes the installation.
 */
export async function crashUnderLoad(t: TestContext, installation: Killable, crash: RandomCrash): Promise<void> {
  const { seed, kills, leastOrders, concurrency, strike } = crash;
  const random = seededRandom(seed);
  await installation.start();
  const client = new StubbornClient(installation);
  try {
    // The last product is scarce, so that orders also fail for want of it.
    const stocked = new Map<string, bigint>(products.map((product) => [product, product === "rare" ? 150n : 100_000n]));
    await client.stock(stocked, 199n, "CNY");
    const people: Customer[] = [];
    for (let i = 0; i < customers; i++) {
      const person = await client.login(`o-person-${i}`);
      await client.topUp(person.userId, 40_000n, "CNY", "the first money");
      people.push(person);
    }

    let killed = 0;
    let over = false;
    const killing = async (): Promise<void> => {
      while (killed < kills && !over) {
        await new Promise((resolve) => setTimeout(resolve, 50 + random() * 700));
        await strike(killed);
        killed++;
      }
    };
    const killer = killing();
    // Awaited at the end; until then a load that waits for ever must not hide what it says.
    killer.catch(() => {
      over = true;
    });
    const more = (played: number): boolean => !over && (killed < kills || played < leastOrders);
    const played = async () => {
      try {
        return await playLoad(client, people, seededRandom(seed + 1), concurrency, more);
      } finally {
        // A load that failed must not leave a killer behind, who would start the platform again.
        over = true;
        await killer;
      }
    };
    const outcome = await played();

    const orderIds = await quiet(client, 60_000);
    await sameAnswersAgain(client, people, outcome);
    assert.deepEqual(orderIds.sort(), [...new Set(outcome.values())].filter((id) => id !== undefined).sort());

    await installation.stop();
    const openids = people.map(({ openid }) => openid);
    const outside = await readOutside(installation.standinUrl, orderIds, openids);
    const books = await readBooks(installation.data, stocked, outside);
    t.diagnostic(`${killed} kills, ${outcome.size} keys, ${client.repeats} requests sent again: ${countsOf(books)}`);
    assert.deepEqual(faultsIn(books, Date.now()), []);
  } finally {
    client.close();
    await installation.remove();
  }
}

/** Each key still means the order that it meant, and two keys never mean the same one. */
async function sameAnswersAgain(client: StubbornClient, people: readonly Customer[], outcome: Outcome): Promise<void> {
  const seen = new Set<string>();
  for (const [way, orderId] of outcome) {
    if (orderId === undefined) continue;
    assert.ok(!seen.has(orderId), `two keys gave order ${orderId}`);
    seen.add(orderId);
    const again = await placeOrder(client, people[way.customer] as Customer, way);
    assert.equal(orderIdOf(again), orderId, `${way.key} gives another order now`);
  }
}

/** So that a reader sees that the load was one: all kinds of ends. */
function countsOf({ orders, orderRefunds, notices }: Books): string {
  const counts = new Map<string, number>();
  const count = (what: string): void => void counts.set(what, (counts.get(what) ?? 0) + 1);
  for (const { status } of orders) count(status);
  for (const { status } of orderRefunds) count(`refund ${status}`);
  for (const { status } of notices) count(`notice ${status}`);
  return [...counts].map(([what, times]) => `${times} ${what}`).join(", ");
}
