import type { Layout, Named } from "./layout.js";
import { mask } from "./secret.js";
import { readSecretFile } from "./secret-file.js";
import type { Reading } from "./setting.js";
import { printable, type SettingsProblem } from "./settings-error.js";
import type { Found, SettingsSource } from "./sources/source.js";

/** A value that was understood. */
export interface Given {
  readonly value: unknown;
  readonly from: string;
}

/** What the sources have for each setting, the highest first. A wrong value is kept too, so that it is not also missing. */
export function collect(
  layout: Layout,
  sources: readonly SettingsSource[],
  problems: SettingsProblem[],
): Map<Named, Given[]> {
  const given = new Map<Named, Given[]>();
  for (const source of sources) {
    const contents = source.read(layout);
    problems.push(...contents.problems);
    const here = new Map<Named, Found>();
    for (const found of contents.found) {
      const { named } = found.slot;
      const other = here.get(named);
      if (other !== undefined && other.slot !== found.slot) {
        problems.push({
          setting: named.name,
          source: found.from,
          problem: `is also given by ${other.from}`,
          fix: "give one of the two",
        });
      }
      here.set(named, found);
      const reading = understand(found, source);
      if ("problem" in reading) problems.push(reading.problem);
      const entry = { value: "value" in reading ? reading.value : undefined, from: found.from };
      const list = given.get(named);
      if (list === undefined) given.set(named, [entry]);
      else list.push(entry);
    }
  }
  return given;
}

function understand(
  found: Found,
  source: SettingsSource,
): { readonly value: unknown } | { readonly problem: SettingsProblem } {
  const { named, holdsPath } = found.slot;
  const { setting } = named;
  const about = { setting: named.name, source: found.from };
  if (holdsPath) {
    const content = readSecretFile(found.raw);
    const reading: Reading<unknown> = "problem" in content ? content : setting.read(content.value, "text");
    if ("value" in reading) return reading;
    const shown = typeof found.raw === "string" ? { value: printable(found.raw) } : {};
    return {
      problem: { ...about, ...shown, problem: reading.problem, fix: `name a file that holds ${setting.accepts}` },
    };
  }
  if (setting.secret && !source.plainSecrets && found.raw !== null) {
    const fix = `put it into a file and name that with ${named.variable}_FILE, or use ${named.variable}`;
    return { problem: { ...about, value: mask, problem: "is a secret, which others can read here", fix } };
  }
  const reading = setting.read(found.raw, found.form);
  if ("value" in reading) return reading;
  return {
    problem: { ...about, value: shownRaw(named, found.raw), problem: reading.problem, fix: `give ${setting.accepts}` },
  };
}

function shownRaw({ setting }: Named, raw: unknown): string {
  if (setting.secret) return mask;
  if (typeof raw === "string") return printable(setting.conceal(raw));
  const json = typeof raw === "number" || typeof raw === "bigint" ? String(raw) : (JSON.stringify(raw) ?? String(raw));
  const concealed = setting.conceal(json);
  return concealed.length > 200 ? `${concealed.slice(0, 200)}…` : concealed;
}
