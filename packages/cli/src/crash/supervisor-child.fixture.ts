import { fileURLToPath } from "node:url";
import { startSplit } from "../split/start-split.js";

/** What the parent tells a supervisor at its start, as JSON in its first argument. */
export interface SupervisorOptions {
  readonly data: string;
  readonly port: number;
  readonly standinUrl: string;
  readonly paymentWindow: string;
  readonly currencies: readonly string[];
  /** The folder of the traps. */
  readonly control: string;
}

export interface SupervisorReady {
  readonly url: string;
  readonly operatorKey: string;
}

/** Asked with any message, the supervisor answers with the pids of its processes that run now, by name. */
export type SupervisorAnswer =
  | { readonly ready: SupervisorReady }
  | { readonly pids: Readonly<Record<string, number>> };

const service = fileURLToPath(new URL("./service-child.fixture.js", import.meta.url));
const options = JSON.parse(process.argv[2] ?? "{}") as SupervisorOptions;
const answer = (message: SupervisorAnswer): void => void process.send?.(message);

const platform = await startSplit({
  data: options.data,
  port: options.port,
  env: {},
  programOf: (name) => [service, name, options.control],
  // A test kills more often than any platform fails.
  restarts: { firstMs: 10, longestMs: 50, stableMs: 1000 },
  set: {
    process: { logLevel: "error", adminPort: -1, drainTimeout: "20s" },
    order: { paymentWindow: options.paymentWindow },
    platform: { standinUrl: options.standinUrl, standinCurrencies: options.currencies },
  },
});
process.on("message", () => {
  const pids: Record<string, number> = {};
  for (const [name, { pid }] of platform.processes) if (pid !== undefined) pids[name] = pid;
  answer({ pids });
});
answer({ ready: { url: platform.url, operatorKey: platform.operatorKey } });
await platform.stopped;
process.disconnect?.();
