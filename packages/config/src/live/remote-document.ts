import { type DocumentLimits, defaultDocumentLimits } from "../document/limits.js";
import { textProblems } from "../document/read-sections.js";
import { readText } from "../document/read-text.js";
import { at, type Written, type WrittenMap } from "../document/written.js";
import { nearest } from "../nearest.js";
import type { SettingsProblem } from "../settings-error.js";
import { readTarget } from "./read-target.js";
import type { Target } from "./target.js";

/**
 * What a centre of configuration has for a service, under `<namespace>/<environment>/<service>`:
 *
 *     settings: { order: { paymentWindow: 10m } }
 *     tenants:
 *       acme: { settings: { order: { paymentWindow: 30m } } }
 *     rollouts:
 *       - name: shorter-window
 *         to: { instances: 10% }
 *         settings: { order: { paymentWindow: 5m } }
 *
 * Its shape is right; whether its settings are is not known yet.
 */
export interface RemoteDocument {
  /** Its key or file, for messages. */
  readonly name: string;
  readonly settings: Written | undefined;
  readonly tenants: ReadonlyMap<string, Written>;
  /** The first stands above those after it. */
  readonly rollouts: readonly Rollout[];
}

export interface Rollout {
  readonly name: string;
  readonly to: Target;
  readonly settings: Written;
}

export const maxTenants = 1000;
export const maxRollouts = 100;

const tops = ["settings", "tenants", "rollouts"];
const rolloutKeys = ["name", "to", "settings"];
/** Rollouts are named on command lines, and tenants in headers. */
const rolloutName = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$/;

/** Reads a document; `problems` is empty when its shape is right. Without a text it says nothing. */
export function readRemoteDocument(
  text: string | undefined,
  name: string,
  limits: DocumentLimits = defaultDocumentLimits,
): { readonly document: RemoteDocument; readonly problems: readonly SettingsProblem[] } {
  const empty = { name, settings: undefined, tenants: new Map(), rollouts: [] };
  if (text === undefined) return { document: empty, problems: [] };
  const reading = readText(text, limits);
  if ("problems" in reading) return { document: empty, problems: textProblems(reading.problems, name) };
  const reader = new Reader(name);
  return { document: reader.read(reading.document), problems: reader.problems.slice(0, limits.maxProblems) };
}

class Reader {
  readonly problems: SettingsProblem[] = [];
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  read(document: Written): RemoteDocument {
    const top = this.#map(document, "", 'write "settings:", "tenants:" and "rollouts:"');
    this.#only(top, "", tops);
    const tenants = top?.entries.get("tenants")?.value;
    return {
      name: this.#name,
      settings: top?.entries.get("settings")?.value,
      tenants: tenants === undefined ? new Map() : this.#tenants(tenants),
      rollouts: this.#rollouts(top?.entries.get("rollouts")?.value),
    };
  }

  #tenants(written: Written): Map<string, Written> {
    const tenants = new Map<string, Written>();
    const map = this.#map(written, "tenants", 'write a tenant\'s id, such as "acme:"');
    if (map !== undefined && map.entries.size > maxTenants) {
      this.#add("tenants", map, `has ${map.entries.size} tenants`, `keep them to ${maxTenants}`);
      return tenants;
    }
    for (const [tenant, { value }] of map?.entries ?? []) {
      const name = `tenants.${tenant}`;
      const own = this.#map(value, name, 'write "settings:"');
      this.#only(own, name, ["settings"]);
      const settings = own?.entries.get("settings")?.value;
      if (settings !== undefined) tenants.set(tenant, settings);
    }
    return tenants;
  }

  #rollouts(written: Written | undefined): Rollout[] {
    if (written === undefined || isNothing(written)) return [];
    if (written.kind !== "list") {
      this.#add("rollouts", written, "is not a list", 'begin each with "- name:"');
      return [];
    }
    if (written.items.length > maxRollouts) {
      this.#add("rollouts", written, `has ${written.items.length} rollouts`, `keep them to ${maxRollouts}`);
      return [];
    }
    const names = new Set<string>();
    return written.items.flatMap((item, index) => this.#rollout(item, `rollouts[${index}]`, names));
  }

  #rollout(written: Written, path: string, names: Set<string>): Rollout[] {
    const map = this.#map(written, path, "write name, to and settings");
    if (map === undefined) return [];
    this.#only(map, path, rolloutKeys);
    const name = map.entries.get("name")?.value;
    const to = map.entries.get("to")?.value;
    const settings = map.entries.get("settings")?.value;
    if (name === undefined || to === undefined || settings === undefined) {
      const missing = rolloutKeys.filter((key) => !map.entries.has(key)).join(" and ");
      this.#add(path, map, `has no ${missing}`, "write name, to and settings");
      return [];
    }
    if (name.kind !== "scalar" || typeof name.value !== "string" || !rolloutName.test(name.value)) {
      this.#add(`${path}.name`, name, "is not a name", "use up to 64 letters, digits, dots, hyphens and underscores");
      return [];
    }
    if (names.has(name.value))
      this.#add(`${path}.name`, name, "is the name of another rollout too", "give each its own");
    names.add(name.value);
    const add = (key: string, at: Written, problem: string, fix: string): void =>
      this.#add(`${path}.to${key}`, at, problem, fix);
    const target = readTarget(to, add);
    return target === undefined ? [] : [{ name: name.value, to: target, settings }];
  }

  /** A map, an empty one when nothing is written; undefined, and a problem, for anything else. */
  #map(written: Written, path: string, fix: string): WrittenMap | undefined {
    if (written.kind === "map") return written;
    if (isNothing(written)) return { kind: "map", place: written.place, entries: new Map() };
    this.#add(path, written, path === "" ? "does not hold a document of configuration" : "is not a map", fix);
    return undefined;
  }

  #only(map: WrittenMap | undefined, path: string, known: readonly string[]): void {
    for (const [key, { place }] of map?.entries ?? []) {
      if (known.includes(key)) continue;
      const meant = nearest(key, known);
      const fix = meant === undefined ? `use ${known.join(", ")}` : `did you mean ${meant}?`;
      this.#add(path === "" ? key : `${path}.${key}`, { place }, "is not known here", fix);
    }
  }

  #add(setting: string, { place }: Pick<Written, "place">, problem: string, fix: string): void {
    this.problems.push({ setting, source: at(this.#name, place), problem, fix });
  }
}

function isNothing(written: Written): boolean {
  return written.kind === "scalar" && written.value === null;
}
