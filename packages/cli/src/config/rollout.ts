import { editRollout, readPercent } from "@sampan/config";
import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";
import { replaceDocument } from "./publish.js";
import { requireDocument, withoutSettings, withPublished } from "./published.js";

/** `sampan config rollout <name> --to 25% --service order`. */
export async function changeRollout(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { own, flags } = withoutSettings(argv);
  const shape = {
    service: { type: "string" },
    at: { type: "string" },
    to: { type: "string" },
    finish: { type: "boolean" },
  } as const;
  const { values, positionals } = readOptions("config", own, shape);
  const [name, ...more] = positionals;
  if (name === undefined || more.length > 0) throw new CommandError("sampan config rollout takes one name", "", 2);
  const { to, finish = false } = values;
  if ((to === undefined) !== finish) throw new CommandError("how far?", "add --to 25%, or --finish", 2);
  if (to !== undefined && readPercent(to) === undefined) {
    throw new CommandError(`--to ${to} is no percentage`, "give 0% to 100%", 2);
  }
  return withPublished({ service: values.service, at: values.at, flags }, async (published) => {
    const line = await replaceDocument(published, (present) => {
      const edited = editRollout(present ?? "", name, to);
      if ("problem" in edited) throw new CommandError(`${published.key}: ${edited.problem}`, edited.fix);
      requireDocument(published.service, published.key, edited.text);
      return edited.text;
    });
    print(`${line}; ${name} ${to === undefined ? "is for everybody now" : `reaches ${to}`}`);
    return 0;
  });
}
