import { readOptions } from "../command/options.js";
import { documentFile } from "./document-file.js";
import { explainConfig } from "./print.js";
import { requireDocument, serviceNamed, withoutSettings } from "./published.js";

/** `sampan config check [--service order] [file …]`. */
export async function checkConfig(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { own, flags } = withoutSettings(argv);
  const { values, positionals } = readOptions("config", own, { service: { type: "string" } });
  if (positionals.length === 0) {
    const { length } = await explainConfig({ flags, service: values.service, tenant: undefined });
    print(`${length} settings, no problems`);
    return 0;
  }
  const service = serviceNamed(values.service);
  for (const file of positionals) {
    requireDocument(service, file, await documentFile(file));
    print(`${file}: no problems`);
  }
  return 0;
}
