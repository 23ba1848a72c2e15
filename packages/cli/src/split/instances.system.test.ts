// limit: 240s
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Code } from "@sampan/core";
import { playJourney } from "../journey/play.js";
import { Journey } from "../journey/steps.js";
import { type Caller, failures, type Shot, startCaller } from "./instances.fixture.js";
import { eventually } from "./split-command.fixture.js";
import { type SplitPlatform, startSplit } from "./start-split.js";

const names = ["inventory-1", "inventory-2", "inventory-3"];
const clients = 8;

describe("three instances of a service", () => {
  let platform: SplitPlatform;
  let caller: Caller;
  let reservedByOthers = 0;
  const data = mkdtempSync(join(tmpdir(), "sampan-instances-"));
  const pidOf = (name: string): number => platform.processes.get(name)?.pid as number;
  const allUp = (): boolean => names.every((name) => caller.healths().get(name) === "up");
  /** Those that a phase of the test has made. */
  const during = async (phase: () => Promise<void>, kinds: readonly Shot["kind"][]): Promise<readonly Shot[]> => {
    await eventually(allUp);
    const from = caller.shots.length;
    caller.fire(kinds, clients);
    await phase();
    await caller.rest();
    return caller.shots.slice(from);
  };
  const busy = async (calls: number): Promise<void> => {
    const from = caller.shots.length;
    await eventually(() => caller.shots.length >= from + calls);
  };

  before(async () => {
    platform = await startSplit({
      data,
      port: 0,
      instances: new Map([["inventory", 3]]),
      run: { signals: false },
      set: { process: { logLevel: "error" } },
    });
    caller = await startCaller(platform);
  });
  after(async () => {
    await caller.close();
    await platform.stop();
    rmSync(data, { recursive: true });
  });

  it("pass the journey, each in a process of its own", async () => {
    assert.equal(platform.processes.size, 10);
    const journey = new Journey({ ...platform, close: () => Promise.resolve() }, () => {});
    await playJourney(journey);
    journey.close();
    assert.deepEqual(
      journey.results.filter(({ problem }) => problem !== undefined),
      [],
    );
  });

  it("are replaced one after the other under load, and no call fails", async (t) => {
    const shots = await during(async () => {
      await busy(100);
      for (const name of names) {
        await platform.processes.get(name)?.restart(10_000);
        await eventually(allUp);
        await busy(100);
      }
    }, ["check", "reserve"]);
    t.diagnostic(`${shots.length} calls, at ${caller.landed.size} addresses`);
    assert.deepEqual(failures(shots), {});
    assert.ok(shots.length >= 400);
    assert.equal(caller.landed.size, 3);
  });

  it("go on when one is killed: only what was in its hands fails", async (t) => {
    let goneAt = 0;
    const shots = await during(async () => {
      await busy(100);
      const killedAt = performance.now();
      process.kill(pidOf("inventory-2"), "SIGKILL");
      await eventually(() => !caller.healths().has("inventory-2"));
      goneAt = performance.now();
      t.diagnostic(`gone from the caller's set after ${Math.round(goneAt - killedAt)} ms`);
      await busy(100);
      await eventually(allUp);
      await busy(100);
    }, ["check", "reserve"]);
    const failed = shots.filter(({ error }) => error !== undefined);
    t.diagnostic(`${shots.length} calls, ${failed.length} failed: ${JSON.stringify(failures(shots))}`);
    assert.ok(failed.length <= clients);
    for (const { error, startedAt } of failed) {
      assert.equal(error?.code, Code.Unavailable);
      assert.ok(startedAt <= goneAt, "it was begun before the end of the process was known");
    }
  });

  it("lose no call at all with one that is killed, when a rule tries again", async (t) => {
    const rules = join(data, "..", `${basename(data)}-rules.yaml`);
    writeFileSync(rules, "rules:\n  - name: again\n    description: Calls that can be repeated.\n    retry: 3\n");
    const persistent = await startCaller(platform, rules);
    try {
      await eventually(() => names.every((name) => persistent.healths().get(name) === "up"));
      persistent.fire(["check", "reserve"], clients);
      await eventually(() => persistent.shots.length >= 100);
      process.kill(pidOf("inventory-1"), "SIGKILL");
      const from = persistent.shots.length;
      await eventually(() => persistent.shots.length >= from + 200);
      await persistent.rest();
      t.diagnostic(`${persistent.shots.length} calls`);
      assert.deepEqual(failures(persistent.shots), {});
      reservedByOthers = (await persistent.reserved()).answered;
    } finally {
      await persistent.close();
      rmSync(rules);
    }
  });

  it("go on without one that hangs, which its probes notice though its lease lives", async (t) => {
    let stoppedAt = 0;
    let avoidedAt = 0;
    const shots = await during(async () => {
      await busy(100);
      stoppedAt = performance.now();
      process.kill(pidOf("inventory-3"), "SIGSTOP");
      await eventually(() => caller.healths().get("inventory-3") === "down");
      avoidedAt = performance.now();
      await busy(300);
      process.kill(pidOf("inventory-3"), "SIGCONT");
      await eventually(allUp);
      await busy(50);
    }, ["check"]);
    t.diagnostic(`avoided after ${Math.round(avoidedAt - stoppedAt)} ms; ${JSON.stringify(failures(shots))}`);
    for (const { error, startedAt } of shots)
      assert.ok(
        error === undefined || startedAt <= avoidedAt,
        `a call that began afterwards failed: ${error?.message}`,
      );
  });

  it("have booked everything that they answered, once", async () => {
    const { answered: own, booked } = await caller.reserved();
    const answered = own + reservedByOthers;
    // What failed when its instance was killed may have been booked or not.
    assert.ok(booked >= answered && booked <= answered + clients, `${answered} answered, ${booked} booked`);
  });
});
