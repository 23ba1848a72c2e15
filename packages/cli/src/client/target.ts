import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { SectionValues } from "@sampan/app";
import { CommandError } from "../command/command-error.js";
import type { OptionShape, ParsedOptions } from "../command/options.js";
import { readInstances, requireSplit } from "../split/instances.js";
import type { SplitPlatform } from "../split/start-split.js";
import { readMutualTls, startOwn } from "./own-platform.js";

/** The platform that a command works on: one that runs, or one of its own in a temporary folder. */
export interface Target {
  readonly url: string;
  readonly standinUrl: string;
  readonly adminUrl: string;
  readonly operatorKey: string;
  /** The platform itself, when it was started with mTLS. */
  readonly mtls?: SplitPlatform | undefined;
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
  mtls: { type: "boolean" },
  "certificate-life": { type: "string" },
} as const satisfies OptionShape;

export const targetHelp = `  --url <address>       the gateway of a platform that runs; default: one is started on free ports and a temporary folder
  --standin <address>   its stand-in (needed with --url)
  --admin <address>     its admin port (optional)
  --data <folder>       its data folder, to read the operator key from (default .sampan)
  --operator-key <key>  instead of --data
  --split               start the platform with each service as a process of its own
  --instances <list>    with --split: how many processes a service has, such as inventory=3
  --mtls                with --split, which it implies: mTLS between the processes, the access policy enforced, every
                        request of users and operators signed, and access tokens that live for seconds
  --certificate-life <duration>  with --mtls: how long the processes' certificates live (default 8s)`;

/** What those options were given. */
export type TargetValues = ParsedOptions<typeof targetOptions>["values"];

/** Throws `CommandError`. `set` are settings of a platform of one's own. */
export async function openTarget(values: TargetValues, set: SectionValues = {}): Promise<Target> {
  const mtls = readMutualTls(values.mtls, values["certificate-life"]);
  if (values.url === undefined) {
    const split = values.split === true || mtls !== undefined;
    const instances = values.instances === undefined ? new Map<string, number>() : readInstances(values.instances);
    requireSplit(instances, split);
    return startOwn({ set, split, instances, mtls });
  }
  if (mtls !== undefined) throw new CommandError("--mtls is for a platform of its own", "leave out --url", 2);
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
