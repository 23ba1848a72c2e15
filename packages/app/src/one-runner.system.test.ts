import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("./one-runner.fixture.js", import.meta.url));

/** What the instances have printed, in the order in which it came, as `<number> <word>`. */
function instances(t: { after(work: () => Promise<void>): void }) {
  const folder = mkdtempSync(join(tmpdir(), "sampan-one-"));
  const children: ChildProcess[] = [];
  const said: string[] = [];
  let look = (): void => {};
  t.after(async () => {
    for (const child of children) if (child.exitCode === null && child.signalCode === null) await end(child, "SIGKILL");
    rmSync(folder, { recursive: true });
  });
  const start = (): number => {
    const number = children.length;
    const child = spawn(process.execPath, [script, join(folder, "shop.db-runs")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    child.stdout?.on("data", (chunk: Buffer) => {
      for (const word of chunk.toString().trim().split("\n")) said.push(`${number} ${word}`);
      look();
    });
    return number;
  };
  const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
    const ended = once(child, "close");
    child.kill(signal);
    await ended;
  };
  return {
    said,
    start,
    end: (number: number, signal: NodeJS.Signals) => end(children[number] as ChildProcess, signal),
    until: (done: () => boolean) =>
      new Promise<void>((resolve) => {
        look = () => {
          if (done()) resolve();
        };
        look();
      }),
  };
}

const running = (said: readonly string[]): readonly string[] => said.filter((line) => line.endsWith(" run"));

for (const [signal, how] of [
  ["SIGKILL", "is killed"],
  ["SIGTERM", "stops"],
] as const)
  test(`one instance at a time does the work, and another takes over when it ${how}`, async (t) => {
    const { said, start, end, until } = instances(t);
    const all = [start(), start(), start()];
    await until(() => said.filter((line) => line.endsWith(" try")).length === 3);
    const order: number[] = [];
    while (order.length < 3) {
      await until(() => running(said).length > order.length);
      assert.equal(running(said).length, order.length + 1, "no two at a time");
      const doing = Number(running(said).at(-1)?.split(" ")[0]);
      order.push(doing);
      await end(doing, signal);
    }
    assert.deepEqual([...order].sort(), all);
    // One that stops leaves off before the next begins.
    if (signal === "SIGTERM")
      assert.deepEqual(
        said.filter((line) => !line.endsWith(" try")),
        order.flatMap((number) => [`${number} run`, `${number} rest`]),
      );
  });
