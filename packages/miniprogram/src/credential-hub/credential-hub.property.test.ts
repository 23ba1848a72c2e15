import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CredentialHub } from "./credential-hub.js";
import { FlakyStore, hubWorld, tokenLifeMs } from "./hub.fixture.js";

/** Moves of the world: an instance needs a token, or time passes; delays of the platform and the store vary. */
const use = fc.record({ kind: fc.constant("use" as const), instance: fc.nat(3), delayMs: fc.nat(8_000) });
const wait = fc.record({
  kind: fc.constant("wait" as const),
  ms: fc.oneof(fc.nat(500), fc.nat(20_000), fc.integer({ min: 100_000, max: 900_000 }), fc.nat(tokenLifeMs)),
});
const outage = fc.record({
  kind: fc.constant("store" as const),
  state: fc.constantFrom("here" as const, "rejects" as const, "hangs" as const),
});
const revocation = fc.record({ kind: fc.constant("revoke" as const) });

/** What an instance does with a token: it uses it at once, and the platform must take it. */
async function useToken(hub: CredentialHub, world: ReturnType<typeof hubWorld>): Promise<string> {
  const token = await hub.get(world.call());
  assert.ok(world.platform.isValid(token), `${token} is used though it is not valid`);
  return token;
}

test("instances that share a store never fetch one token twice, and never use an expired one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(use, use, wait), { minLength: 5, maxLength: 60 }), async (moves) => {
      const world = hubWorld();
      const hubs = [world.hub(), world.hub(), world.hub(), world.hub()] as const;
      const uses: Promise<string>[] = [];
      for (const move of moves) {
        if (move.kind === "wait") await world.clock.advance(move.ms);
        else {
          world.platform.delayMs = move.delayMs;
          uses.push(useToken(hubs[move.instance as 0 | 1 | 2 | 3], world));
        }
      }
      await world.clock.advance(60_000);
      await Promise.all(uses);
      const fetched = world.platform.fetches.map(({ value }) => value);
      assert.deepEqual(fetched, [...new Set(fetched)], "a token was fetched twice");
    }),
    { numRuns: 300 },
  );
});

test("nobody uses an expired token while the store comes and goes", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(use, use, wait, outage), { minLength: 5, maxLength: 60 }), async (moves) => {
      const world = hubWorld();
      const flaky = new FlakyStore(world.store);
      const hubs = [0, 1, 2, 3].map(() => world.hub({ store: flaky }));
      const uses: Promise<string>[] = [];
      for (const move of moves) {
        if (move.kind === "wait") await world.clock.advance(move.ms);
        else if (move.kind === "store") flaky.state = move.state;
        else {
          world.platform.delayMs = move.delayMs;
          uses.push(useToken(hubs[move.instance] ?? assert.fail(), world));
        }
      }
      await world.clock.advance(60_000);
      await Promise.all(uses);
      assert.ok(world.platform.fetches.every(({ force }) => !force));
    }),
    { numRuns: 300 },
  );
});

test("a token that ended early is replaced for all with one forced renewal each time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(use, use, wait, revocation), { minLength: 5, maxLength: 40 }), async (moves) => {
      const world = hubWorld();
      const hubs = [0, 1, 2, 3].map(() => world.hub());
      const refused = new Set<string>();
      let broken = 0;
      for (const move of moves) {
        if (move.kind === "wait") await world.clock.advance(move.ms);
        else if (move.kind === "revoke") {
          const current = world.platform.issued.at(-1);
          if (current !== undefined && !refused.has(current.value)) {
            refused.add(current.value);
            broken++;
          }
          // Apart, so that the ration never ends: that is another test.
          await world.clock.advance(31_000);
        } else {
          const hub = hubs[move.instance] ?? assert.fail();
          const first = await hub.get(world.call());
          if (!refused.has(first)) continue;
          hub.refuse(first);
          const second = await hub.get(world.call()).catch(() => undefined);
          assert.notEqual(second, first);
        }
      }
      assert.ok(world.platform.fetches.filter(({ force }) => force).length <= broken);
    }),
    { numRuns: 300 },
  );
});
