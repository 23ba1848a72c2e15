import type { Written } from "../document/written.js";
import { nearest } from "../nearest.js";
import type { Share, Target } from "./target.js";

/** Notes what is wrong: below which key, where, what, and what to do. */
export type AddProblem = (key: string, at: Written, problem: string, fix: string) => void;

const keys = ["instances", "tenants", "zones", "release"];
const maxNames = 1000;

/** `{ instances: 10% | [ids], tenants: 10% | [ids], zones: [names], release: name }`; undefined when something is wrong. */
export function readTarget(written: Written, add: AddProblem): Target | undefined {
  let wrong = false;
  const note: AddProblem = (key, at, problem, fix) => {
    wrong = true;
    add(key, at, problem, fix);
  };
  if (written.kind !== "map" || written.entries.size === 0) {
    // To everybody is what the settings of the document are for, and an empty target is a slip with the widest effect.
    note("", written, "names nobody", "write instances, tenants, zones or release");
    return undefined;
  }
  const target: { -readonly [K in keyof Target]: Target[K] } = {};
  for (const [key, { value }] of written.entries) {
    if (key === "instances" || key === "tenants") {
      const share = readShare(key, value, note);
      if (share !== undefined) target[key] = share;
    } else if (key === "zones") {
      const names = readNames(key, value, note);
      if (names !== undefined) target.zones = names;
    } else if (key === "release") {
      if (value.kind === "scalar" && typeof value.value === "string") target.release = value.value;
      else note(".release", value, "is not a text", "write the release tag, such as canary");
    } else {
      const meant = nearest(key, keys);
      note(
        `.${key}`,
        value,
        "is not known here",
        meant === undefined ? `use ${keys.join(", ")}` : `did you mean ${meant}?`,
      );
    }
  }
  return wrong ? undefined : target;
}

/** `10%` or `0.5%`; undefined for what is none. */
export function readPercent(text: string): number | undefined {
  const found = /^(\d{1,3}(?:\.\d{1,2})?)%$/.exec(text.trim())?.[1];
  return found === undefined || Number(found) > 100 ? undefined : Number(found);
}

function readShare(key: string, written: Written, note: AddProblem): Share | undefined {
  if (written.kind === "list") {
    const names = readNames(key, written, note);
    return names === undefined ? undefined : { names };
  }
  const percent =
    written.kind === "scalar" && typeof written.value === "string" ? readPercent(written.value) : undefined;
  if (percent !== undefined) return { percent };
  note(`.${key}`, written, "is neither a percentage nor a list", "write 0% to 100%, such as 10%, or a list of ids");
  return undefined;
}

function readNames(key: string, written: Written, note: AddProblem): ReadonlySet<string> | undefined {
  const items = written.kind === "list" ? written.items : [];
  const names = items.map((item) => (item.kind === "scalar" && item.value !== null ? String(item.value) : ""));
  if (written.kind === "list" && names.length <= maxNames && names.every((name) => name !== "")) return new Set(names);
  note(
    `.${key}`,
    written,
    names.length > maxNames ? "has too many names" : "is not a list of names",
    `write up to ${maxNames} names`,
  );
  return undefined;
}
