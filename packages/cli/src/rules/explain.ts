import { parseArgs } from "node:util";
import { allSections, type Explanation, explain } from "@sampan/govern";
import { CommandError } from "../command/command-error.js";
import { readRuleFile } from "./read-file.js";

const text = { type: "string" } as const;
const shape = {
  rules: text,
  preset: text,
  tenant: text,
  caller: text,
  release: text,
  label: { type: "string", multiple: true },
  at: text,
} as const;

/** `sampan rules explain <service/method>`. */
export async function explainRules(argv: readonly string[], print: (text: string) => void): Promise<number> {
  const { values, positionals } = parse(argv);
  const [name = "", ...more] = positionals;
  const slash = name.indexOf("/");
  if (slash <= 0 || slash === name.length - 1 || more.length > 0) {
    throw new CommandError("sampan rules explain takes one method", "such as order.v1.OrderService/CreateOrder", 2);
  }
  const { tenant, caller, release } = values;
  const rules = await readRuleFile(values.rules, values.preset);
  const explanation = explain(rules, allSections, {
    service: name.slice(0, slash),
    method: name.slice(slash + 1),
    at: instantOf(values.at),
    labels: labelsOf(values.label ?? []),
    ...(tenant === undefined ? {} : { tenant }),
    ...(caller === undefined ? {} : { caller }),
    ...(release === undefined ? {} : { release }),
  });
  print(explanationText(name, explanation));
  return 0;
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: shape, allowPositionals: true, strict: true });
  } catch (error) {
    throw new CommandError((error as Error).message, "sampan rules --help lists what it takes", 2);
  }
}

function instantOf(at: string | undefined): number {
  if (at === undefined) return Date.now();
  const instant = Date.parse(at);
  if (Number.isNaN(instant)) throw new CommandError(`--at ${at} is no time`, "write 2026-11-11T20:00+08:00", 2);
  return instant;
}

function labelsOf(pairs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const equals = pair.indexOf("=");
      if (equals <= 0) throw new CommandError(`--label ${pair} has no value`, "write --label tier=free", 2);
      return [pair.slice(0, equals), pair.slice(equals + 1)];
    }),
  );
}

/** For people: a paragraph for each section. */
export function explanationText(method: string, { sections, asleep }: Explanation): string {
  const lines: string[] = [];
  for (const { section, rule, side, values, over, shadow } of sections) {
    const who = rule === undefined ? "no rule is enforced" : `rule ${rule}, on the ${side}`;
    lines.push(`${section}: ${who}`);
    for (const { field, value, isDefault } of values)
      lines.push(`    ${field}: ${value}${isDefault ? "  (default)" : ""}`);
    for (const other of over) lines.push(`    wins over ${other.rule}: ${other.because}`);
    if (shadow !== undefined) lines.push(`    rule ${shadow} watches in shadow`);
  }
  if (sections.length === 0) lines.push(`no rule holds for ${method}`);
  for (const { rule, until } of asleep) {
    const when = until === undefined ? "no more" : `at ${new Date(until).toISOString()} at the earliest`;
    lines.push(`rule ${rule} matches but does not hold now; it holds ${when}`);
  }
  return lines.join("\n");
}
