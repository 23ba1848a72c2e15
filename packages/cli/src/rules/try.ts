import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { type RecordedCall, readRecordedCall, type TrialReport, tryRules } from "@sampan/govern";
import { CommandError } from "../command/command-error.js";
import { readOptions } from "../command/options.js";
import { platformMethods } from "../platform/contracts.js";
import { readRuleFile } from "./read-file.js";

/** `sampan rules try <file> --against <recording>`. */
export async function tryRuleFile(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { values, positionals } = readOptions("rules", argv, {
    against: { type: "string" },
    preset: { type: "string" },
    json: { type: "boolean" },
  });
  const [file, ...more] = positionals;
  if ((file === undefined && values.preset === undefined) || more.length > 0) {
    throw new CommandError("sampan rules try takes one file of rules", "", 2);
  }
  if (values.against === undefined) throw new CommandError("no recording is named", "add --against <recording>", 2);
  const rules = await readRuleFile(file, values.preset);
  const { calls, unread } = await readRecording(values.against);
  const report = await tryRules(rules, calls, { methodOf: (name) => platformMethods.get(name) });
  print(values.json === true ? JSON.stringify({ ...report, unread }, null, 2) : reportText(report, unread));
  return 0;
}

/** The calls of a recording. The last line may be cut off, and others may be somebody else's: they are counted. */
async function readRecording(
  file: string,
): Promise<{ readonly calls: readonly RecordedCall[]; readonly unread: number }> {
  const calls: RecordedCall[] = [];
  let unread = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      const call = readRecordedCall(line);
      if (typeof call === "string") unread++;
      else calls.push(call);
    }
  } catch (error) {
    throw new CommandError(`${file} cannot be read: ${(error as Error).message}`, "name a recording", 2);
  }
  return { calls, unread };
}

/** For people: what rules would have done, and how calls would have ended otherwise. */
export function reportText({ calls, from, to, events, changed, misfits }: TrialReport, unread: number): string {
  const lines = [`${calls} calls from ${from} to ${to}${unread === 0 ? "" : `, ${unread} lines not understood`}`];
  lines.push(events.length === 0 ? "the rules would have done nothing" : "the rules would have");
  for (const { rule, section, method, what, count, first, last } of events) {
    lines.push(
      `  ${rule}/${section}  ${what}  ${count} x  ${method === "" ? "all its methods" : method}  ${first} … ${last}`,
    );
  }
  if (changed.length > 0) lines.push("calls would have ended otherwise");
  for (const { method, recorded, replayed, count } of changed) {
    lines.push(`  ${count} x  ${method}  ${recorded} -> ${replayed}`);
  }
  for (const misfit of misfits) lines.push(`does not fit: ${misfit}`);
  return lines.join("\n");
}
