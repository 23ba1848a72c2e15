import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "../command/command-error.js";
import type { OptionShape, ParsedOptions } from "../command/options.js";
import { type Instances, readInstances, requireSplit } from "../split/instances.js";

/** The platform that a command works on: one that runs, or one of its own in a temporary folder. */
export interface Target {
  readonly url: string;
  readonly standinUrl: string;
  readonly adminUrl: string;
  readonly operatorKey: string;
  close(): Promise<void>;
}

/** Options that name a platform; every command that needs one has them. */
export const targetOptions = {
  url: { type: "string" },
  standin: { type: "string" },
  admin: { type: "string" },
  data: { type: "string" },
  "operator-key": { type: "string" },
  split: { type: "boolean" },
  instances: { type: "string" },
} as const satisfies OptionShape;

export const targetHelp = `  --url <address>       the gateway of a platform that runs; default: one is started on free ports and a temporary folder
  --standin <address>   its stand-in (needed with --url)
  --admin <address>     its admin port (optional)
  --data <folder>       its data folder, to read the operator key from (default .sampan)
  --operator-key <key>  instead of --data
  --split               start the platform with each service as a process of its own
  --instances <list>    with --split: how many processes a service has, such as inventory=3`;

/** What those options were given. */
export type TargetValues = ParsedOptions<typeof targetOptions>["values"];

export async function openTarget(
  values: TargetValues,
  set: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): Promise<Target> {
  if (values.url === undefined) {
    const instances = values.instances === undefined ? new Map<string, number>() : readInstances(values.instances);
    requireSplit(instances, values.split ?? false);
    return ownTarget(set, values.split ?? false, instances);
  }
  if (values.standin === undefined)
    throw new CommandError("--url needs --standin too", "`sampan up` printed both addresses", 2);
  const keyFile = join(values.data ?? ".sampan", "operator-key");
  if (values["operator-key"] === undefined && !existsSync(keyFile)) {
    throw new CommandError(
      `there is no operator key in ${keyFile}`,
      "name the platform's data folder with --data, or give --operator-key",
      2,
    );
  }
  return {
    url: values.url,
    standinUrl: values.standin,
    adminUrl: values.admin ?? "",
    operatorKey: values["operator-key"] ?? readFileSync(keyFile, "utf8").trim(),
    close: () => Promise.resolve(),
  };
}

async function ownTarget(
  set: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  split: boolean,
  instances: Instances,
): Promise<Target> {
  // Loaded here, because only a platform of one's own needs databases.
  const start = split
    ? (await import("../split/start-split.js")).startSplit
    : (await import("../platform/start-platform.js")).startPlatform;
  const { data, remove } = temporaryFolder();
  try {
    const platform = await start({
      data,
      port: 0,
      instances,
      run: { signals: false },
      set: { ...set, process: { logLevel: "warn", verifyMessages: true, ...set.process } },
    });
    return {
      url: platform.url,
      standinUrl: platform.standinUrl,
      adminUrl: platform.adminUrl,
      operatorKey: platform.operatorKey,
      close: () => platform.stop().finally(remove),
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A folder that is gone when the process ends, also by Ctrl-C: nobody wants the data of a platform that was made to be tried. */
function temporaryFolder(): { readonly data: string; remove(): void } {
  const data = mkdtempSync(join(tmpdir(), "sampan-"));
  const interrupted = (): never => process.exit(130);
  const terminated = (): never => process.exit(143);
  const remove = (): void => {
    process.off("exit", remove);
    process.off("SIGINT", interrupted);
    process.off("SIGTERM", terminated);
    rmSync(data, { recursive: true, force: true });
  };
  process.on("exit", remove);
  process.on("SIGINT", interrupted);
  process.on("SIGTERM", terminated);
  return { data, remove };
}
