import type { Report } from "./contest.js";
import { goLoad } from "./load/go-load.js";
import { type Load, limitOf, measure } from "./load/load.js";
import { RunningServer } from "./load/running-server.js";
import { goProgram, ours, type Subject, serverOf } from "./peers/peers.js";

/** Of one round; seconds. */
export const seconds = 2;

/**
 * Starts the subjects' servers and checks that each answers rightly, by grpc-go's client. tonic is left out, loudly,
 * where it cannot be built; all others must be there.
 */
export async function startServers(
  subjects: readonly Subject[],
  env: Readonly<Record<string, string>> = {},
): Promise<Map<Subject, RunningServer>> {
  const check = goLoad(await goProgram("client"), { "in-flight": 10 });
  const servers = new Map<Subject, RunningServer>();
  try {
    for (const subject of subjects) {
      const program = await serverOf(subject).catch((error: unknown) => {
        if (subject !== "tonic") throw error;
        console.error(`bench: without tonic, which needs cargo: ${String(error)}`);
      });
      if (program === undefined) continue;
      const server = await RunningServer.start(program, env);
      servers.set(subject, server);
      // grpc-go's client of the bench speaks plain text only; the programs are the same with TLS.
      if (env.BENCH_CERT === undefined) await measure(check, server, 0.5);
    }
    return servers;
  } catch (error) {
    await stopAll(servers.values());
    throw error;
  }
}

export async function stopAll(servers: Iterable<RunningServer>): Promise<void> {
  await Promise.all([...servers].map((server) => server.stop()));
}

/** What each load reaches against a server that answers without looking: beyond it nothing can be measured. */
export async function reportHeadroom(report: Report, loads: ReadonlyMap<string, Load>): Promise<void> {
  const server = await RunningServer.start(ours("fixed-answer"));
  try {
    for (const [name, load] of loads) {
      const measured = await measure(load, server, seconds);
      const note = `the bare engine, one fixed answer; ${limitOf(measured, "client") ?? "the generator's core was full"}`;
      const row = { case: name, subject: "fixed answer", metric: "headroom" } as const;
      report({ ...row, value: measured.callsPerSecond, unit: "calls/s", note });
    }
  } finally {
    await server.stop();
  }
}
