import { writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";

/** Starts a CPU profile when `BENCH_PROFILE` names a file for it; SIGTERM writes it and ends the process. */
export async function profileUntilTold(): Promise<void> {
  const file = process.env.BENCH_PROFILE;
  if (file === undefined) return;
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.start");
  process.once("SIGTERM", async () => {
    const { profile } = await session.post("Profiler.stop");
    writeFileSync(file, JSON.stringify(profile));
    process.exit(0);
  });
}
