import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Tally } from "../runner/tally.js";
import { campaign } from "./campaign.js";
import { targets } from "./index.js";
import { Random } from "./random.js";
import { parseScript, type Target } from "./target.js";

const seeds = fileURLToPath(new URL("../../seeds", import.meta.url));

for (const target of targets) {
  test(`${target.name}: what was once found stays fixed`, async () => {
    const tally = new Tally();
    await campaign(target, seeds, 1, 0.2, tally);
    assert.equal(tally.count("failed"), 0, tally.summary);
  });
}

test("a failure ends a campaign and comes with the steps that it needs, and no others", async () => {
  const wrong: Target = {
    name: "wrong",
    generate: (random: Random) => Array.from({ length: 50 }, () => [random.pick(["a", "b"])]),
    run: (steps) => assert.ok(steps.filter(([word]) => word === "b").length < 2),
  };
  const tally = new Tally();
  await campaign(wrong, seeds, 1, 5, tally);
  assert.equal(tally.count("failed"), 1);
  assert.match(tally.failures.join(), /:\nb\nb$/);
});

test("scripts are words, without comments", () => {
  assert.deepEqual(parseScript("# why\nopen 1  # now\n\n data 3 x\n"), [
    ["open", "1"],
    ["data", "3", "x"],
  ]);
  assert.equal(new Random(5).below(1000), new Random(5).below(1000));
});
