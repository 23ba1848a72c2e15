import { randomInt } from "node:crypto";
import { test } from "node:test";
import { Installation } from "./installation.fixture.js";
import { crashUnderLoad } from "./random-crash.fixture.js";

/** The moments are never the same twice; the seed gives the same orders and the same waits. */
const seed = Number(process.env.CRASH_SEED ?? randomInt(1_000_000));

test("killed at random moments under load, again and again, the books are exact", async (t) => {
  t.diagnostic(`seed ${seed}: CRASH_SEED=${seed} plays the same orders`);
  const installation = await Installation.create({ standin: "outside", paymentWindow: "4s" });
  const strike = async (): Promise<void> => {
    await installation.kill();
    await installation.start();
  };
  await crashUnderLoad(t, installation, { seed, kills: 10, leastOrders: 400, concurrency: 16, strike });
});
