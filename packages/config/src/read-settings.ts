import { collect, type Given } from "./collect.js";
import { type ExplainedSetting, explained } from "./explain.js";
import { type Layout, layoutOf, type Named } from "./layout.js";
import type { SettingSections, SettingsValues } from "./settings.js";
import { SettingsError, type SettingsProblem } from "./settings-error.js";
import type { SettingsSource } from "./sources/source.js";

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
  return readLayout<G>(layoutOf(sections, options.elsewhere), sources);
}

/**
 * One section alone, before the others can be read: undefined when something is wrong in it. What is wrong elsewhere is
 * left for `readSettings` to tell.
 */
export function peekSection<const G extends SettingSections, K extends keyof G & string>(
  sections: G,
  section: K,
  sources: readonly SettingsSource[],
): SettingsValues<G>[K] | undefined {
  const layout = layoutOf(sections);
  const problems: SettingsProblem[] = [];
  const given = collect(layout, sources, problems);
  if (problems.some(({ setting }) => setting.startsWith(`${section}.`))) return undefined;
  const values: Record<string, unknown> = {};
  for (const named of layout.all) {
    if (named.section !== section) continue;
    const [first] = given.get(named) ?? fallback(named) ?? [];
    if (first === undefined) return undefined;
    values[named.key] = first.value;
  }
  return values as SettingsValues<G>[K];
}

/** The same for sections that are laid out already; `found` are problems that are known before. */
export function readLayout<G extends SettingSections>(
  layout: Layout,
  sources: readonly SettingsSource[],
  found: readonly SettingsProblem[] = [],
): SettingsResult<G> {
  const problems: SettingsProblem[] = [...found];
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
