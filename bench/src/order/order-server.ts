/**
 * The platform of the `order` bench, a process of its own so that it has a core of its own. Its parent tells it by
 * message when to profile; it answers with the CPU time by room.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPlatform } from "@sampan/cli/platform";
import { type CpuProfile, timeByRoom } from "./cpu-by-room.js";

const data = mkdtempSync(join(tmpdir(), "sampan-bench-"));
const platform = await startPlatform({
  data,
  port: 0,
  run: { signals: false },
  set: { process: { logLevel: "warn", traces: 20_000 } },
});
const session = new Session();
session.connect();

process.on("message", async (message) => {
  if (message === "profile") {
    await session.post("Profiler.enable");
    await session.post("Profiler.start");
    process.send?.({ started: true });
  } else if (message === "report") {
    const { profile } = await session.post("Profiler.stop");
    process.send?.({ rooms: timeByRoom(profile as CpuProfile) });
  } else {
    await platform.stop();
    rmSync(data, { recursive: true, force: true });
    process.exit(0);
  }
});
process.on("disconnect", () => process.exit(0));
process.send?.({
  url: platform.url,
  standinUrl: platform.standinUrl,
  adminUrl: platform.adminUrl,
  operatorKey: platform.folder.operatorKey,
});
