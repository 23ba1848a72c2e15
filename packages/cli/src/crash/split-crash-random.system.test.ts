// limit: 300s
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { test } from "node:test";
import { startOf } from "../platform/process-record.js";
import { crashUnderLoad } from "./random-crash.fixture.js";
import { SplitInstallation } from "./split-installation.fixture.js";
import { eventually } from "./within.fixture.js";

/** The moments are never the same twice; the seed gives the same orders and the same waits. */
const seed = Number(process.env.CRASH_SEED ?? randomInt(1_000_000));

/** Who is killed, in this order, under load. */
const victims = [
  ...["gateway", "order", "supervisor", "payment", "inventory", "gateway"],
  ...["notification", "user", "supervisor", "catalog", "auth", "order"],
];

test("split: any process killed under load, the gateway and the supervisor too, and the books are exact", async (t) => {
  t.diagnostic(`seed ${seed}: CRASH_SEED=${seed} plays the same orders`);
  const installation = await SplitInstallation.create("4s");
  const strike = async (index: number): Promise<void> => {
    const victim = victims[index] as string;
    if (victim !== "supervisor") {
      await eventually(`killing ${victim}`, async () => ((await installation.killService(victim)) ? true : undefined));
      return;
    }
    const orphans = Object.values(await installation.pids());
    await installation.kill();
    // At once, while they are still busy with what they were asked.
    await installation.start();
    assert.deepEqual(
      orphans.filter((pid) => startOf(pid) !== undefined),
      [],
      "processes of the supervisor that was killed are still there",
    );
  };
  await crashUnderLoad(t, installation, { seed, kills: victims.length, leastOrders: 250, concurrency: 8, strike });
});
