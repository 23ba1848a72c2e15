import type { Setting } from "./setting.js";
import { requireSectionName, type SettingSections } from "./settings.js";

/** A setting under the names that each source calls it by. */
export interface Named {
  /** In files and in code: `order.paymentWindow`. */
  readonly name: string;
  readonly section: string;
  readonly key: string;
  /** `--order.payment-window` */
  readonly flag: string;
  /** `SAMPAN_ORDER_PAYMENT_WINDOW` */
  readonly variable: string;
  readonly setting: Setting<unknown>;
}

/** What a name leads to: a setting, or the name of the file that holds a secret. */
export interface Slot {
  readonly named: Named;
  readonly holdsPath: boolean;
}

/** Every setting that is being read, for sources to find their own names in. */
export interface Layout {
  readonly all: readonly Named[];
  readonly byName: ReadonlyMap<string, Slot>;
  readonly byFlag: ReadonlyMap<string, Slot>;
  readonly byVariable: ReadonlyMap<string, Slot>;
  readonly sections: ReadonlySet<string>;
  /** Sections that other processes read from the same sources, and that are not unknown here. */
  readonly elsewhere: ReadonlySet<string>;
}

/** What every variable begins with. */
export const variablePrefix = "SAMPAN_";

/** Throws `TypeError` when two settings would have the same flag, variable or name. */
export function layoutOf(sections: SettingSections, elsewhere: Iterable<string> = []): Layout {
  const all: Named[] = [];
  const byName = new Map<string, Slot>();
  const byFlag = new Map<string, Slot>();
  const byVariable = new Map<string, Slot>();
  for (const [section, { fields }] of Object.entries(sections)) {
    requireSectionName(section);
    for (const [key, setting] of Object.entries(fields)) {
      const named = nameOf(section, key, setting);
      all.push(named);
      add(byName, named.name, { named, holdsPath: false });
      add(byFlag, named.flag, { named, holdsPath: false });
      add(byVariable, named.variable, { named, holdsPath: false });
      if (!setting.secret) continue;
      add(byName, `${named.name}File`, { named, holdsPath: true });
      add(byFlag, `${named.flag}-file`, { named, holdsPath: true });
      add(byVariable, `${named.variable}_FILE`, { named, holdsPath: true });
    }
  }
  const own = new Set(Object.keys(sections));
  return { all, byName, byFlag, byVariable, sections: own, elsewhere: new Set(elsewhere) };
}

/** `orderSaga` as `SAMPAN_ORDER_SAGA_`. */
export function sectionPrefix(section: string): string {
  return `${variablePrefix}${words(section).join("_").toUpperCase()}_`;
}

function nameOf(section: string, key: string, setting: Setting<unknown>): Named {
  return {
    name: `${section}.${key}`,
    section,
    key,
    flag: `--${words(section).join("-")}.${words(key).join("-")}`,
    variable: `${sectionPrefix(section)}${words(key).join("_").toUpperCase()}`,
    setting,
  };
}

/** `maxHTTPLines` as `max`, `http`, `lines`. */
function words(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[ -]/);
}

function add(slots: Map<string, Slot>, name: string, slot: Slot): void {
  const other = slots.get(name);
  if (other !== undefined)
    throw new TypeError(`settings ${other.named.name} and ${slot.named.name} would both be ${name}`);
  slots.set(name, slot);
}
