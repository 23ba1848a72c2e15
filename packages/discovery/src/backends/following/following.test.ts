import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, RpcError } from "@sampan/core";
import type { ResolverEvent } from "@sampan/core/ports";
import { contractInstance, createFakeClock, type LogLine, logTo } from "@sampan/testkit";
import { followingResolver } from "./following-resolver.js";
import { Restarts } from "./restarts.js";
import type { InstanceSource, Session } from "./source.js";

function opened(follow: (session: Session, round: number) => Promise<number>) {
  const clock = createFakeClock();
  const lines: LogLine[] = [];
  const events: ResolverEvent[] = [];
  let rounds = 0;
  const source: InstanceSource = {
    follow: (_, session) => follow(session, rounds++),
    close: async () => {},
  };
  const resolver = followingResolver("test", source, { clock, random: () => 1, logger: logTo(lines) });
  const watch = resolver.watch("order", (event) => events.push(event));
  return { clock, lines, events, resolver, watch, rounds: () => rounds };
}

const failure = () => new RpcError(Code.Unavailable, "away");

describe("following a registry", () => {
  it("an endless failure is told and logged once, and tried less and less often", async () => {
    const { clock, lines, events, resolver, rounds } = opened(async () => {
      throw failure();
    });
    await clock.advance(60_000);
    assert.equal(events.length, 1);
    assert.equal(lines.length, 1);
    // 100, 200, 400 … 6400, then every 10 s.
    assert.equal(rounds(), 1 + 7 + Math.floor((60_000 - 12_700) / 10_000));
    await resolver.close();
    assert.equal(clock.pending, 0);
  });

  it("a set after a failure is told, and that the failure is over", async () => {
    const { clock, lines, events, resolver } = opened(async (session, round) => {
      if (round === 0) throw failure();
      session.tell(() => [contractInstance(1)]);
      await session.ended();
      return 0;
    });
    await clock.advance(100);
    assert.deepEqual(
      events.map((event) => ("error" in event ? "error" : event.instances.length)),
      ["error", 1],
    );
    assert.deepEqual(
      lines.map(({ level }) => level),
      ["warn", "info"],
    );
    await resolver.close();
  });

  it("a flood of changes is told a few times, with the last state at the end", async () => {
    let made = 0;
    const { clock, events, resolver } = opened(async (session) => {
      for (let i = 1; i <= 10_000; i++) {
        session.tell(() => {
          made++;
          return [contractInstance(1, { weight: i % 1000 })];
        });
        if (i === 5000) await session.pause(10);
      }
      await session.ended();
      return 0;
    });
    await clock.advance(1000);
    assert.equal(events.length, 2);
    assert.equal(made, 2, "sets that are not told are not made");
    const last = events.at(-1);
    assert.ok(last !== undefined && "instances" in last && last.instances[0]?.weight === 0);
    await resolver.close();
    assert.equal(clock.pending, 0);
  });

  it("a name that no registry takes is told as an error, and asked of nobody", async () => {
    const { clock, resolver, rounds } = opened(async () => 0);
    await clock.advance(0);
    const before = rounds();
    const told: string[] = [];
    const names = ["", "../order", "a/b", "a b", "x".repeat(201)];
    for (const name of names)
      resolver.watch(name, (event) => "error" in event && told.push(event.error.message)).refresh();
    resolver.watch("../closed", () => told.push("told after it was closed")).close();
    assert.deepEqual(told, [], "never synchronously");
    await clock.advance(0);
    assert.equal(told.length, names.length);
    for (const message of told) assert.match(message, /service's name is not of letters/);
    assert.equal(rounds(), before);
    resolver.watch("x".repeat(200), () => {});
    await clock.advance(0);
    assert.equal(rounds(), before + 1);
    await resolver.close();
  });

  it("a session that ends at once is slowed down, one that lasted is not", () => {
    const restarts = new Restarts({}, () => 1);
    let now = 0;
    const after = (lastedMs: number) => {
      restarts.started(now);
      now += lastedMs;
      return restarts.ended(now, 0);
    };
    assert.deepEqual([after(0), after(0), after(4999), after(5000), after(0)], [100, 200, 400, 100, 200]);
  });

  it("a refresh begins a new session, at most once in its time", async () => {
    const { clock, resolver, watch, rounds } = opened(async (session) => {
      session.tell(() => []);
      await session.ended();
      return 0;
    });
    await clock.advance(0);
    for (let i = 0; i < 100; i++) watch.refresh();
    await clock.advance(999);
    assert.equal(rounds(), 1);
    await clock.advance(1);
    await clock.advance(100);
    assert.equal(rounds(), 2);
    await resolver.close();
    assert.equal(clock.pending, 0);
  });

  it("many thousand entries are read in slices, and no more than the limit", async () => {
    const { readEntries, maxEntries } = await import("../entries/read-entries.js");
    let turns = 0;
    const count = (): void => {
      turns++;
      turning = setImmediate(count);
    };
    let turning = setImmediate(count);
    const leftOut: [number, string][] = [];
    const signal = new AbortController().signal;
    const session = { signal, leftOut: (n: number, why: string) => leftOut.push([n, why]) } as unknown as Session;
    const entries = Array.from({ length: maxEntries + 5 }, (_, i) => `i${i}`);
    const read = await readEntries(entries, session, (id) => contractInstance(1, { id }));
    clearImmediate(turning);
    assert.equal(read.length, maxEntries);
    assert.deepEqual(leftOut, [[5, `there are more than ${maxEntries}`]]);
    assert.ok(turns >= 19, `other work had ${turns} turns`);
  });
});
