import { loadSettings } from "@sampan/app";
import type { ExplainedSetting } from "@sampan/config";
import { systemClock } from "@sampan/core";
import { readOptions } from "../command/options.js";
import { services } from "../platform/services.js";
import { serviceNamed, withoutSettings } from "./published.js";

/** `sampan config print --service order`: as a process would have them that starts here and now. */
export async function printConfig(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { own, flags } = withoutSettings(argv);
  const shape = { service: { type: "string" }, tenant: { type: "string" }, json: { type: "boolean" } } as const;
  const { values } = readOptions("config", own, shape);
  const rows = await explainConfig({ flags, service: values.service, tenant: values.tenant });
  print(values.json ? JSON.stringify(rows, null, 2) : rows.map(line).join("\n"));
  return 0;
}

export interface ExplainRequest {
  /** Of settings. */
  readonly flags: readonly string[];
  /** Undefined: all of them. */
  readonly service: string | undefined;
  readonly tenant: string | undefined;
}

/** Throws `SettingsError` when something is wrong. */
export async function explainConfig({ flags, service, tenant }: ExplainRequest): Promise<readonly ExplainedSetting[]> {
  const modules = service === undefined ? services : [serviceNamed(service)];
  const { live } = await loadSettings(
    modules,
    {
      argv: flags,
      // Other services' sections stand in the same files.
      elsewhere: services.map(({ name }) => name).filter((name) => !modules.some((each) => each.name === name)),
      // The key that `sampan up` makes in the data folder, which is none of this command's business.
      defaults: { auth: modules.some(({ name }) => name === "auth") ? { operatorKey: "made by sampan up" } : {} },
    },
    { clock: systemClock },
  );
  const rows = live.explain(tenant);
  // The service that was asked about first, then what every process has.
  const isOwn = ({ setting }: ExplainedSetting): boolean => setting.startsWith(`${service}.`);
  return [...rows.filter(isOwn), ...rows.filter((row) => !isOwn(row))];
}

function line({ setting, value, source, overrides, live }: ExplainedSetting): string {
  const over = overrides.length === 0 ? "" : `, over ${overrides.join(", ")}`;
  return `${setting} = ${value}\n    ${source}${over}; ${live ? "live" : "read at the start"}`;
}
