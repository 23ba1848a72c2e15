/**
 * One of several instances that could do the same work: `node one-runner.fixture.js <lock file>`. Prints `try`, then `run` when
 * it is the one that does it, and `rest` when it has left off; stops on SIGTERM.
 */
import { writeSync } from "node:fs";
import { silentLogger, systemClock } from "@sampan/core";
import { OneRunner } from "./one-runner.js";

async function main(lockFile: string): Promise<void> {
  const work = {
    start: () => void writeSync(1, "run\n"),
    stop: async () => void writeSync(1, "rest\n"),
  };
  const runner = new OneRunner({ lockFile, runs: [work], clock: systemClock, logger: silentLogger });
  const alive = setInterval(() => {}, 1_000);
  process.once("SIGTERM", () => {
    clearInterval(alive);
    void runner.stop(1_000);
  });
  await runner.start();
  writeSync(1, "try\n");
}

if (process.argv[1]?.includes("one-runner.fixture")) await main(process.argv[2] ?? "");
