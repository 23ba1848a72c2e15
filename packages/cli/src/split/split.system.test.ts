// limit: 240s
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { journeyPasses } from "../journey/journey-passes.fixture.js";
import { eventually } from "./split-command.fixture.js";
import { type SplitPlatform, startSplit } from "./start-split.js";

describe("the split platform", () => {
  let platform: SplitPlatform;
  const data = mkdtempSync(join(tmpdir(), "sampan-split-"));

  before(async () => {
    platform = await startSplit({
      data,
      port: 0,
      run: { signals: false },
      set: { process: { logLevel: "error" } },
    });
  });
  after(async () => {
    await platform.stop();
    rmSync(data, { recursive: true });
  });

  it("passes the journey, with a process for each service", async () => {
    const pids = [...platform.processes.values()].map(({ pid }) => pid);
    assert.equal(new Set(pids).size, 8);
    await journeyPasses(platform);
  });

  it("starts a killed service again, and passes the journey with it", async () => {
    for (const name of ["order", "inventory", "payment", "gateway"]) {
      const process_ = platform.processes.get(name);
      const before = process_?.pid as number;
      process.kill(before, "SIGKILL");
      await eventually(() => process_?.pid !== undefined && process_.pid !== before);
    }
    const health = async (): Promise<boolean> =>
      fetch(`${platform.url}/v1/products`).then(
        ({ ok }) => ok,
        () => false,
      );
    await eventually(health);
    await journeyPasses(platform);
  });
});
