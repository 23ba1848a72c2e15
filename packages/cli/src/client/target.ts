import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError } from "../command/command-error.js";
import type { OptionShape } from "../command/options.js";
import { startPlatform } from "../platform/start-platform.js";

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
} as const satisfies OptionShape;

export const targetHelp = `  --url <address>       the gateway of a platform that runs; default: one is started on free ports and a temporary folder
  --standin <address>   its stand-in (needed with --url)
  --admin <address>     its admin port (optional)
  --data <folder>       its data folder, to read the operator key from (default .sampan)
  --operator-key <key>  instead of --data`;

export async function openTarget(
  values: { readonly [K in keyof typeof targetOptions]?: string },
  set: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): Promise<Target> {
  if (values.url === undefined) return ownTarget(set);
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

async function ownTarget(set: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<Target> {
  const data = mkdtempSync(join(tmpdir(), "sampan-"));
  try {
    const platform = await startPlatform({
      data,
      port: 0,
      run: { signals: false },
      set: { ...set, process: { logLevel: "warn", verifyMessages: true, ...set.process } },
    });
    return {
      url: platform.url,
      standinUrl: platform.standinUrl,
      adminUrl: platform.adminUrl,
      operatorKey: platform.folder.operatorKey,
      async close() {
        await platform.stop();
        rmSync(data, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(data, { recursive: true, force: true });
    throw error;
  }
}
