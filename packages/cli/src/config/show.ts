import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";
import { withoutSettings, withPublished } from "./published.js";

/** `sampan config show --service order`. */
export async function showDocument(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { own, flags } = withoutSettings(argv);
  const shape = { service: { type: "string" }, at: { type: "string" }, json: { type: "boolean" } } as const;
  const { values } = readOptions("config", own, shape);
  return withPublished({ service: values.service, at: values.at, flags }, async ({ store, key }) => {
    const { text, revision } = await store.get(key);
    if (text === undefined)
      throw new CommandError(`nothing is published under ${key}`, "sampan config publish does it");
    print(values.json ? JSON.stringify({ key, revision, text }) : `# ${key}, revision ${revision}\n${text.trimEnd()}`);
    return 0;
  });
}
