import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, RpcError } from "@sampan/core";
import type { Instance, Resolver, ResolverEvent } from "@sampan/core/ports";
import { createFakeClock, type FakeClock, seededRandom } from "@sampan/testkit";
import fc from "fast-check";
import { instance } from "../instances.fixture.js";
import type { ProbeBoard } from "./board.js";
import { memoryBoard } from "./memory-board.js";
import { probeClasses } from "./policy.js";
import type { Probe } from "./prober.js";
import { probingResolver } from "./probing-resolver.js";
import { ProbeSchedule } from "./schedule.js";

/** Instances that answer, fail or hang; any number of callers that probe them. */
class World {
  readonly clock: FakeClock = createFakeClock();
  readonly broken = new Set<string>();
  readonly hanging = new Set<string>();
  readonly probed: { owner: string; id: string; at: number }[] = [];
  readonly listeners = new Set<(event: ResolverEvent) => void>();

  caller(owner: string, board?: ProbeBoard) {
    const probe: Probe = ({ id }) => {
      this.probed.push({ owner, id, at: this.clock.monotonic() });
      if (this.hanging.has(id)) return new Promise(() => {});
      return this.broken.has(id) ? Promise.reject(new Error("broken")) : Promise.resolve();
    };
    const inner: Resolver = {
      watch: (_, listener) => {
        this.listeners.add(listener);
        return { refresh: () => {}, close: () => void this.listeners.delete(listener) };
      },
      close: () => Promise.resolve(),
    };
    const policy = () => probeClasses.P0;
    const options = { probe, policy, board, clock: this.clock, random: seededRandom(4), owner };
    const resolver = probingResolver(inner, options);
    const seen: ResolverEvent[] = [];
    const watch = resolver.watch("shop", (event) => seen.push(event));
    return {
      seen,
      close: () => watch.close(),
      healthOf: (id: string): string | undefined => {
        const last = seen.at(-1);
        return last !== undefined && "instances" in last
          ? last.instances.find((each) => each.id === id)?.health
          : undefined;
      },
    };
  }

  registry(...instances: readonly Instance[]): void {
    for (const listener of this.listeners) listener({ instances });
  }
}

describe("probing resolver", () => {
  it("takes out an instance that hangs within a second, though its lease lives, and takes it back", async () => {
    const world = new World();
    const caller = world.caller("me");
    world.registry(instance("a1"), instance("a2"));
    await world.clock.advance(1000);
    assert.equal(caller.healthOf("a1"), "up");
    world.hanging.add("a1");
    await world.clock.advance(800);
    assert.equal(caller.healthOf("a1"), "down");
    assert.equal(caller.healthOf("a2"), "up");
    world.hanging.clear();
    await world.clock.advance(500);
    assert.equal(caller.healthOf("a1"), "down", "one good answer is not enough");
    await world.clock.advance(700);
    assert.equal(caller.healthOf("a1"), "up");
    caller.close();
  });

  it("believes the first answer of the registry at once, but not in instances that come later", async () => {
    const world = new World();
    const caller = world.caller("me");
    world.registry(instance("a1", { health: "unknown" }));
    assert.equal(caller.healthOf("a1"), "unknown");
    await world.clock.advance(600);
    world.hanging.add("a2");
    world.registry(instance("a1"), instance("a2"));
    assert.equal(caller.healthOf("a2"), "down");
    world.hanging.clear();
    await world.clock.advance(1500);
    assert.equal(caller.healthOf("a2"), "up");
    caller.close();
  });

  it("leaves what an instance says of itself: down and overloaded stay so", async () => {
    const world = new World();
    const caller = world.caller("me");
    world.registry(instance("a1", { health: "overloaded" }), instance("a2", { health: "down" }));
    await world.clock.advance(2000);
    assert.equal(caller.healthOf("a1"), "overloaded");
    assert.equal(caller.healthOf("a2"), "down");
    caller.close();
  });

  it("passes on that the registry fails, and goes on probing", async () => {
    const world = new World();
    const caller = world.caller("me");
    world.registry(instance("a1"));
    const error = new RpcError(Code.Unavailable, "no answer");
    for (const listener of world.listeners) listener({ error });
    assert.deepEqual(caller.seen.at(-1), { error });
    world.broken.add("a1");
    await world.clock.advance(1000);
    assert.equal(caller.healthOf("a1"), "down");
    caller.close();
  });

  it("has one prober for each instance, whatever the number of callers", async () => {
    const world = new World();
    const board = memoryBoard(world.clock);
    const callers = Array.from({ length: 20 }, (_, i) => world.caller(`caller-${i}`, board));
    world.registry(...Array.from({ length: 5 }, (_, i) => instance(`a${i}`)));
    await world.clock.advance(10_000);
    assert.ok(world.probed.length <= 5 * 21, `${world.probed.length} probes`);
    world.broken.add("a3");
    await world.clock.advance(800);
    for (const caller of callers) assert.equal(caller.healthOf("a3"), "down");
    for (const caller of callers) caller.close();
  });

  it("hands the duty of a prober that is gone to another, and of one that has died too", async () => {
    const world = new World();
    const board = memoryBoard(world.clock);
    const first = world.caller("first", board);
    world.registry(instance("a1"));
    await world.clock.advance(1500);
    const second = world.caller("second", board);
    world.registry(instance("a1"));
    await world.clock.advance(3000);
    assert.deepEqual([...new Set(world.probed.map(({ owner }) => owner))], ["first"]);
    first.close();
    await world.clock.advance(3000);
    assert.equal(world.probed.at(-1)?.owner, "second");
    // Dead: it neither probes nor gives anything back.
    await board.release("shop", ["a1"], "second");
    assert.equal((await board.claim("shop", ["a1"], "dead", 2000)).size, 1);
    second.close();
    const third = world.caller("third", board);
    world.registry(instance("a1"));
    world.broken.add("a1");
    await world.clock.advance(4500);
    assert.equal(third.healthOf("a1"), "down");
    third.close();
  });

  it("probes by itself while the board is away", async () => {
    const world = new World();
    const away = () => Promise.reject(new RpcError(Code.Unavailable, "away"));
    const board: ProbeBoard = { claim: away, release: away, publish: away, watch: () => ({ close: () => {} }) };
    const caller = world.caller("me", board);
    world.registry(instance("a1"));
    world.broken.add("a1");
    await world.clock.advance(800);
    assert.equal(caller.healthOf("a1"), "down");
    caller.close();
  });

  it("stops everything when it is closed", async () => {
    const world = new World();
    const caller = world.caller("me", memoryBoard(world.clock));
    world.registry(instance("a1"));
    await world.clock.advance(1000);
    caller.close();
    await world.clock.advance(1000);
    assert.equal(world.clock.pending, 0);
    assert.equal(world.listeners.size, 0);
  });
});

describe("memory board", () => {
  it("holds no more entries than it may, and makes room when they end", async () => {
    const clock = createFakeClock();
    const board = memoryBoard(clock, { maxEntries: 2 });
    assert.equal((await board.claim("s", ["a", "b", "c"], "me", 100)).size, 2);
    await clock.advance(101);
    assert.equal((await board.claim("s", ["c"], "me", 100)).size, 1);
  });
});

describe("probe schedule", () => {
  it("never has more probes under way than allowed, and forgets nobody", () => {
    const policy = { ...probeClasses.P0, maxConcurrent: 3 };
    const step = fc.oneof(
      fc.record({ set: fc.uniqueArray(fc.integer({ min: 0, max: 8 }).map(String)) }),
      fc.record({ end: fc.nat(), ok: fc.boolean() }),
      fc.record({ pass: fc.integer({ min: 1, max: 600 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const schedule = new ProbeSchedule(policy, () => 0.5);
        let now = 0;
        let targets: readonly string[] = [];
        const busy = new Set<string>();
        for (const each of steps) {
          if ("set" in each) {
            targets = each.set;
            schedule.update(targets, now);
            for (const id of busy) if (!targets.includes(id)) busy.delete(id);
          } else if ("end" in each) {
            const id = [...busy][each.end % Math.max(1, busy.size)];
            if (id === undefined) continue;
            busy.delete(id);
            schedule.ended(id, each.ok);
            assert.notEqual(schedule.verdict(id), "unknown");
          } else {
            now += each.pass;
          }
          for (const id of schedule.due(now)) {
            assert.ok(!busy.has(id) && targets.includes(id));
            busy.add(id);
          }
          assert.ok(busy.size <= 3);
        }
        for (const id of busy) schedule.ended(id, true);
        const seen = new Set<string>();
        for (let round = 0; round < 40 && seen.size < targets.length; round++) {
          now += 600;
          for (const id of schedule.due(now)) {
            seen.add(id);
            schedule.ended(id, true);
          }
        }
        assert.equal(seen.size, targets.length);
      }),
    );
  });
});
