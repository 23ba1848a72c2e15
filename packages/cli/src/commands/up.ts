import { systemClock } from "@sampan/core";
import type { Command } from "../command/command.js";
import { announceSlowStart } from "./slow-start.js";
import { readUpFlags } from "./up-flags.js";
import { welcome } from "./welcome.js";

const help = `sampan up: runs the whole platform, in this process, on embedded defaults

  --data <folder>     where everything is kept (default .sampan)
  --port <number>     where the gateway listens (default 8080; 0 picks a free port)
  --standin <number>  where the stand-in of the mini-program platform listens (default: the port after the gateway's)
  --split             run each service as a process of its own, over gRPC, supervised by this one
  --mtls              with --split, which it implies: the processes prove to each other who they are, with certificates
                      that renew themselves; what no rule of the platform's access policy allows is refused (default
                      deny), and what operators do is kept in an audit trail
  --instances <list>  with --split: how many processes a service has, such as inventory=3 or inventory=3,user=2
  --fresh             forget everything that is in the folder first; files that Sampan did not make stay
  --help

Every setting can be given as a flag too, such as --order.payment-window 5m or --process.log-level debug;
sampan settings lists them all.
On a terminal, logs are warnings and errors for people; elsewhere they are JSON lines from level info.
Ctrl-C finishes the work in hand and stops; a second one stops at once. Nothing that was answered is lost.`;

export const up: Command = {
  name: "up",
  summary: "run the whole platform in one process",
  help,
  async run(args) {
    const { fresh, split, instances, mtls, argv } = readUpFlags(args);
    const began = performance.now();
    const onTerminal = process.stdout.isTTY === true;
    const endWaiting = announceSlowStart(systemClock, (line) => console.error(line));
    // Loaded here, so that a wrong flag, and --help, need not wait for databases.
    const start = split
      ? (await import("../split/start-split.js")).startSplit
      : (await import("../platform/start-platform.js")).startPlatform;
    const starting = start({
      argv,
      fresh,
      instances,
      ...(mtls ? { mtls: {} } : {}),
      defaults: { process: onTerminal ? { logFormat: "pretty", logLevel: "warn" } : {} },
      run: onTerminal ? { onState: (state) => tell(state) } : {},
    });
    const platform = await starting.finally(endWaiting);
    console.log(welcome(platform, performance.now() - began));
    await platform.stopped;
    return 0;
  },
};

/** On a terminal the log is quiet about what is as it should be. */
function tell(state: string): void {
  if (state === "draining") console.log("\nStopping; Ctrl-C once more stops at once.");
  if (state === "stopped") console.log("Stopped. The same command goes on where this left off.");
}
