import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SectionValues } from "@sampan/app";
import { parseDuration } from "@sampan/config";
import { CommandError } from "../command/command-error.js";
import type { Platform } from "../platform/start-platform.js";
import type { MutualTls } from "../split/identities.js";
import type { Instances } from "../split/instances.js";
import type { SplitPlatform } from "../split/start-split.js";
import type { Target } from "./target.js";

export interface OwnOptions {
  readonly set: SectionValues;
  readonly split: boolean;
  readonly instances: Instances;
  /** Implies `split`. */
  readonly mtls: MutualTls | undefined;
}

/** Long enough for a certificate to be renewed in time by a machine that is busy, short enough to watch. */
const defaultLifeMs = 8_000;
/** Certificates tell time in seconds. */
const leastLifeMs = 4_000;
/** An authority's own default is that an intermediate lives a day, and a service's certificate half of it at most. */
const mostLifeMs = 43_200_000;

/** What `--mtls` and `--certificate-life` say; undefined without mTLS. Throws `CommandError`. */
export function readMutualTls(mtls: boolean | undefined, life: string | undefined): MutualTls | undefined {
  if (mtls !== true) {
    if (life === undefined) return undefined;
    throw new CommandError("--certificate-life is for certificates", "add --mtls", 2);
  }
  if (life === undefined) return { lifeMs: defaultLifeMs };
  const lifeMs = parseDuration(life);
  if (lifeMs === undefined || lifeMs < leastLifeMs || lifeMs > mostLifeMs)
    throw new CommandError(`--certificate-life ${life} is no duration from 4s to 12h`, "write 8s, 10m or 1h", 2);
  return { lifeMs };
}

/**
 * With mTLS clients prove who they are too: each request of users and operators is signed. Access tokens live for seconds,
 * so that clients have to exchange theirs.
 */
const signed: SectionValues = {
  gateway: { signedRoles: ["user", "operator"] },
  tokens: { lifetime: 6_000 },
};

/** A platform of one's own, on free ports and a temporary folder that is gone when it is closed. */
export async function startOwn({ set, split, instances, mtls }: OwnOptions): Promise<Target> {
  const { data, remove } = temporaryFolder();
  const given = mtls === undefined ? set : { ...signed, ...set };
  // Where certificates live for seconds, every stream that lasts is opened anew all the time, and each process notes it.
  const logLevel = mtls === undefined ? "warn" : "error";
  const options = {
    data,
    port: 0,
    run: { signals: false },
    set: { ...given, process: { logLevel, verifyMessages: true, ...set.process } },
  };
  try {
    // Loaded here, because only a platform of one's own needs databases.
    if (split || mtls !== undefined) {
      const { startSplit } = await import("../split/start-split.js");
      const platform = await startSplit({ ...options, instances, mtls });
      return targetOf(platform, remove, mtls === undefined ? undefined : platform);
    }
    const { startPlatform } = await import("../platform/start-platform.js");
    return targetOf(await startPlatform(options), remove, undefined);
  } catch (error) {
    remove();
    throw error;
  }
}

function targetOf(platform: Platform, remove: () => void, mtls: SplitPlatform | undefined): Target {
  const { url, standinUrl, adminUrl, operatorKey } = platform;
  return { url, standinUrl, adminUrl, operatorKey, mtls, close: () => platform.stop().finally(remove) };
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
