import { type ExplainedSetting, explained } from "./explain.js";
import { type Layout, layoutOf, type Named } from "./layout.js";
import { mask } from "./secret.js";
import { readSecretFile } from "./secret-file.js";
import type { Reading } from "./setting.js";
import type { SettingSections, SettingsValues } from "./settings.js";
import { printable, SettingsError, type SettingsProblem } from "./settings-error.js";
import type { Found, SettingsSource } from "./sources/source.js";

/** Settings that are all right. */
export interface SettingsResult<G extends SettingSections> {
  /** By section and name; frozen. */
  readonly values: SettingsValues<G>;
  /** Each value and where it comes from, in the order of declaration, secrets masked. */
  explain(): readonly ExplainedSetting[];
}

export interface ReadOptions {
  /** Sections that other processes read from the same files and variables; their names are not reported as unknown. */
  readonly elsewhere?: Iterable<string>;
}

/**
 * Reads every setting of the sections from the sources, the highest first, then the defaults. Throws one
 * `SettingsError` with everything that is wrong in any source, also in values that a higher source overrides: they
 * would come to light when the higher one goes.
 */
export function readSettings<const G extends SettingSections>(
  sections: G,
  sources: readonly SettingsSource[],
  options: ReadOptions = {},
): SettingsResult<G> {
  const layout = layoutOf(sections, options.elsewhere);
  const problems: SettingsProblem[] = [];
  const given = collect(layout, sources, problems);
  const chosen = new Map<Named, readonly Given[]>();
  for (const named of layout.all) {
    const all = given.get(named) ?? fallback(named);
    if (all === undefined) problems.push(missing(named));
    else chosen.set(named, all);
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return resultOf(layout, chosen);
}

function resultOf<G extends SettingSections>(
  layout: Layout,
  chosen: ReadonlyMap<Named, readonly Given[]>,
): SettingsResult<G> {
  const values: Record<string, Record<string, unknown>> = {};
  for (const section of layout.sections) values[section] = {};
  const rows: ExplainedSetting[] = [];
  for (const [named, [first, ...rest]] of chosen) {
    const { value, from } = first as Given;
    (values[named.section] as Record<string, unknown>)[named.key] = value;
    rows.push(
      explained(
        named,
        value,
        from,
        rest.map((each) => each.from),
      ),
    );
  }
  for (const section of layout.sections) Object.freeze(values[section]);
  return { values: Object.freeze(values) as SettingsValues<G>, explain: () => rows };
}

interface Given {
  readonly value: unknown;
  readonly from: string;
}

/** What the sources have for each setting, the highest first. A wrong value is kept too, so that it is not also missing. */
function collect(layout: Layout, sources: readonly SettingsSource[], problems: SettingsProblem[]): Map<Named, Given[]> {
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

function fallback({ setting }: Named): Given[] | undefined {
  return setting.fallback === undefined ? undefined : [{ value: setting.fallback.value, from: "default" }];
}

function missing({ name, setting, flag, variable }: Named): SettingsProblem {
  const where = setting.secret
    ? `set ${variable}, or name a file that holds it with ${variable}_FILE or ${flag}-file`
    : `set ${flag}, ${variable}, or "${name}" in a settings file`;
  return {
    setting: name,
    source: "no source",
    problem: "is required and has no default",
    fix: `${where}; give ${setting.accepts}`,
  };
}
