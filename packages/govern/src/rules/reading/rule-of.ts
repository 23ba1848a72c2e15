import type { Match, Rule, RuleSection } from "../model.js";
import { maxRequestsPerSecond, sectionSpec, sideField } from "../rule-document.js";
import type { SectionSpec, Side } from "../section.js";
import { type DailyWindow, windowOf } from "../windows/daily-window.js";
import { dateText, isZone } from "../windows/zone.js";
import type { Path, Problems } from "./problems.js";
import { readValue } from "./read-value.js";
import { bad, isMap } from "./written.js";

/** A rule after its fields were read: known names, defaults filled in. */
export interface WrittenRule {
  readonly name: string;
  readonly description?: string;
  readonly match: {
    readonly services?: readonly string[];
    readonly methods?: readonly string[];
    readonly tenants?: readonly string[];
    readonly callers?: readonly string[];
    readonly releases?: readonly string[];
    readonly labels: Readonly<Record<string, readonly string[]>>;
    readonly matchLabels: Readonly<Record<string, readonly string[]>>;
  };
  readonly during?: readonly WrittenWindow[];
  readonly shadow: boolean;
  readonly [maxRequestsPerSecond]?: number;
  readonly [section: string]: unknown;
}

type WrittenWindow = Parameters<typeof windowOf>[0];

interface RuleOptions {
  readonly sections: readonly SectionSpec[];
  readonly preset: boolean;
}

/** The rule that was written, with the problems that no field alone shows. `raw` is the rule before it was read. */
export function ruleOf(
  written: WrittenRule,
  raw: unknown,
  path: Path,
  { sections, preset }: RuleOptions,
  problems: Problems,
): Rule {
  return {
    name: written.name,
    description: written.description ?? "",
    match: matchOf(written.match, path, problems),
    during: (written.during ?? []).map((window, index) =>
      // A single window may stand without a list.
      readWindow(window, [...path, "during", ...(singleWindow(raw) ? [] : [index])], problems),
    ),
    shadow: written.shadow,
    sections: sectionsOf(written, path, sections, problems),
    preset,
  };
}

function singleWindow(raw: unknown): boolean {
  return isMap(raw) && !Array.isArray(raw.during);
}

function matchOf(match: WrittenRule["match"], path: Path, problems: Problems): Match {
  const { services = [], methods = [], tenants = [], callers = [], releases = [], labels, matchLabels } = match;
  for (const name of Object.keys(matchLabels)) {
    if (!Object.hasOwn(labels, name)) continue;
    problems.add([...path, "match", "matchLabels", name], "is written under labels too", "keep one of them", {
      beyondSchema: true,
    });
  }
  const all = new Map([...Object.entries(labels), ...Object.entries(matchLabels)]);
  return { services, methods, tenants, callers, releases, labels: all };
}

function readWindow(written: WrittenWindow, path: Path, problems: Problems): DailyWindow {
  const beyondSchema = true;
  if (written.from === written.to) {
    problems.add(
      path,
      `from ${written.from} to ${written.to} is empty`,
      "for the whole day write from 00:00 to 24:00",
      {
        beyondSchema,
      },
    );
  }
  if (!isZone(written.timezone)) {
    const fix = "use a name such as Asia/Shanghai, Europe/Berlin or UTC";
    problems.add([...path, "timezone"], `there is no time zone ${written.timezone}`, fix, { beyondSchema });
  }
  for (const date of written.dates ?? []) {
    if (dateText(Date.parse(`${date}T00:00Z`) / 86_400_000) === date) continue;
    problems.add([...path, "dates"], `${date} is not in the calendar`, "write a date that exists", { beyondSchema });
  }
  return windowOf(written);
}

function sectionsOf(
  written: WrittenRule,
  path: Path,
  specs: readonly SectionSpec[],
  problems: Problems,
): ReadonlyMap<string, RuleSection> {
  const sections = new Map<string, RuleSection>();
  for (const spec of specs) {
    const value = written[spec.name] ?? shortLimit(spec, written, path, problems);
    if (value === undefined) continue;
    const { [sideField]: side = spec.sides[0], ...policy } = value as Record<string, unknown>;
    const single = spec.sides.length === 1;
    // A section without a choice may have a field of that name itself.
    sections.set(spec.name, {
      name: spec.name,
      side: single ? spec.sides[0] : (side as Side),
      policy: single ? value : policy,
    });
  }
  if (sections.size === 0) {
    problems.add(
      path,
      "has no section, so it changes nothing",
      `add one of ${specs.map(({ name }) => name).join(", ")}`,
      {
        beyondSchema: true,
      },
    );
  }
  if (written.limit !== undefined && written[maxRequestsPerSecond] !== undefined) {
    problems.add([...path, maxRequestsPerSecond], "is the short form of limit, which is written too", "keep one", {
      beyondSchema: true,
    });
  }
  for (const spec of specs) {
    const section = sections.get(spec.name);
    if (section !== undefined && spec.perService?.(section.policy) === true)
      checkPerService(written.match, section, path, problems);
  }
  const policies = Object.fromEntries([...sections].map(([name, { policy }]) => [name, policy]));
  for (const spec of specs) {
    const section = sections.get(spec.name);
    if (section === undefined) continue;
    const { [spec.name]: own, ...others } = policies;
    for (const problem of spec.check?.(own, others) ?? []) {
      problems.add([...path, spec.name, ...problem.path], problem.why, problem.fix, { beyondSchema: true });
    }
  }
  return sections;
}

/** An instance is chosen for a service; what else is known of a call does not decide which instances are well. */
function checkPerService(
  match: WrittenRule["match"],
  { name, side }: RuleSection,
  path: Path,
  problems: Problems,
): void {
  const narrow = [
    ...(["methods", "tenants", "callers", "releases"] as const).filter((list) => match[list] !== undefined),
    ...(["labels", "matchLabels"] as const).filter((labels) => Object.keys(match[labels]).length > 0),
  ].map((list) => (list.endsWith("abels") ? list : list.slice(0, -1)));
  const beyondSchema = true;
  if (narrow.length > 0)
    problems.add(
      [...path, name],
      `holds for the instances of whole services, and the rule matches by ${narrow.join(" and ")}`,
      "write it in a rule of its own that matches by service only",
      { beyondSchema },
    );
  if (side === "server")
    problems.add([...path, name], "acts where an instance is chosen, which is the client", "leave side out", {
      beyondSchema,
    });
}

function shortLimit(spec: SectionSpec, written: WrittenRule, path: Path, problems: Problems): unknown {
  const perSecond = written[maxRequestsPerSecond];
  if (spec.name !== "limit" || perSecond === undefined) return undefined;
  const read = readValue(sectionSpec(spec), { rate: perSecond }, [...path, maxRequestsPerSecond], problems);
  return read === bad ? undefined : read;
}
