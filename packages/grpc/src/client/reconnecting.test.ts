import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "@sampan/testkit";
import type { Endpoint } from "../wire/target.js";
import { parseTarget } from "../wire/target.js";
import { backoffMs, backoffPolicy } from "./backoff.js";
import { Resolver } from "./resolver.js";

test("waits grow to the longest, and differ by the jitter at most", () => {
  const policy = backoffPolicy({ initialMs: 100, maxMs: 1000, factor: 2, jitter: 0.2 });
  const middle = [1, 2, 3, 4, 5, 20].map((failures) => backoffMs(policy, failures, 0.5));
  assert.deepEqual(middle, [100, 200, 400, 800, 1000, 1000]);
  assert.equal(backoffMs(policy, 1, 0), 80);
  assert.ok(backoffMs(policy, 1, 0.999_999) < 120);
});

test("a name is looked up again when asked, but not more often than the interval", async () => {
  const clock = createFakeClock();
  const seen: (readonly Endpoint[] | string)[] = [];
  let lookups = 0;
  const answers = ["10.0.0.1", "10.0.0.1", "", "fail"];
  const resolver = new Resolver(
    parseTarget("dns:///shop:80"),
    { onEndpoints: (endpoints) => void seen.push(endpoints), onUnresolved: (why) => void seen.push(why) },
    1000,
    clock,
    async () => {
      const answer = answers[lookups++];
      if (answer === "fail") throw new Error("no such name");
      return answer === "" || answer === undefined ? [] : [{ address: answer }, { address: answer }];
    },
  );
  resolver.resolve();
  resolver.resolve();
  await clock.advance(0);
  assert.deepEqual(seen, [[{ host: "10.0.0.1", port: 80, path: undefined }]]);
  for (let i = 0; i < 5; i++) resolver.resolve();
  await clock.advance(999);
  assert.equal(lookups, 1);
  await clock.advance(1);
  assert.equal(lookups, 2);
  for (let i = 0; i < 2; i++) {
    resolver.resolve();
    await clock.advance(1000);
  }
  assert.deepEqual(seen.slice(2), ["shop has no address", "no such name"]);
  resolver.resolve();
  resolver.close();
  await clock.advance(5000);
  assert.equal(lookups, 4);
});
