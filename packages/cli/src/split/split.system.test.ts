// limit: 240s
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { playJourney } from "../journey/play.js";
import { Journey } from "../journey/steps.js";
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

  const journeyPasses = async (): Promise<void> => {
    const journey = new Journey({ ...platform, close: () => Promise.resolve() }, () => {});
    try {
      await playJourney(journey);
    } finally {
      journey.close();
    }
    assert.deepEqual(
      journey.results.filter(({ problem }) => problem !== undefined),
      [],
    );
  };

  it("passes the journey, with a process for each service", async () => {
    const pids = [...platform.processes.values()].map(({ pid }) => pid);
    assert.equal(new Set(pids).size, 8);
    await journeyPasses();
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
    await journeyPasses();
  });
});

describe("a supervisor", () => {
  it("drains every process on one SIGTERM and exits with 0", async () => {
    const { child, pids, folder } = await startCommand();
    child.kill("SIGTERM");
    const [status] = (await once(child, "exit")) as [number | null];
    assert.equal(status, 0);
    assert.deepEqual(pids.filter(alive), []);
    rmSync(folder, { recursive: true });
  });

  it("takes no process with it that nobody stops: when it is killed, the others stop", async () => {
    const { child, pids, folder } = await startCommand();
    child.kill("SIGKILL");
    await once(child, "exit");
    await eventually(() => !pids.some(alive));
    rmSync(folder, { recursive: true });
  });
});

/** `sampan up --split`, and the processes below it. */
async function startCommand() {
  const folder = mkdtempSync(join(tmpdir(), "sampan-split-"));
  const command = fileURLToPath(new URL("../main.js", import.meta.url));
  const args = [
    command,
    "up",
    "--split",
    "--port",
    "0",
    "--data",
    join(folder, "data"),
    "--process.log-level",
    "error",
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await eventually(() => printed.includes("Sampan is ready"));
  const pids = await childrenOf(child.pid as number);
  assert.equal(pids.length, 8);
  return { child, pids, folder };
}

async function childrenOf(pid: number): Promise<number[]> {
  const ps = spawn("ps", ["-o", "pid=", "--ppid", String(pid)]);
  let printed = "";
  ps.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await once(ps, "close");
  return printed
    .split("\n")
    .map(Number)
    .filter((id) => id > 0);
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  const end = performance.now() + 30_000;
  while (!(await condition())) {
    assert.ok(performance.now() < end, `it did not happen in 30 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
