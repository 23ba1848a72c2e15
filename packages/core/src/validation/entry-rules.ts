import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { FieldRules } from "@sampan/protos/sampan/v1/options_pb.js";
import { badRule, inOrder, kindOf, type ValueCheck, valueCheck } from "./value-rules.js";
import type { Violations } from "./violations.js";

/**
 * The rules of a list or map: how many entries it has, and then each entry's own. A list that is too long is not looked
 * into: its length is what is wrong with it.
 */
export function entriesCheck(
  field: DescField & { fieldKind: "list" | "map" },
  rules: FieldRules | undefined,
  below: (desc: DescMessage) => ValueCheck | undefined,
): ValueCheck | undefined {
  const size = rules && sizeCheck(field, rules);
  const own = rules && valueCheck(field, rules, kindOf(field.scalar));
  const entry = field.message === undefined ? own : below(field.message);
  if (size === undefined && entry === undefined) return undefined;
  const each = entry && (field.fieldKind === "list" ? eachOfList(entry) : eachOfMap(entry, hasNumberKeys(field)));
  const count = field.fieldKind === "list" ? lengthOf : keysOf;
  return (value, found) => {
    if (size === undefined || size(count(value), found)) each?.(value, found);
  };
}

/** Reports a wrong number of entries, and says whether they are worth a look. */
function sizeCheck(field: DescField, rules: FieldRules): ((size: number, found: Violations) => boolean) | undefined {
  const { minItems, maxItems } = rules;
  if (minItems === undefined && maxItems === undefined) return undefined;
  inOrder(field, "_items", minItems, maxItems);
  if ((minItems ?? 0) < 0 || (maxItems ?? 0) < 0) throw badRule(field, "a number of entries is not negative");
  return (size, found) => {
    if (minItems !== undefined && size < minItems) found.add("MIN_ITEMS", `must have at least ${minItems} entries`);
    if (maxItems === undefined || size <= maxItems) return true;
    found.add("MAX_ITEMS", `must have at most ${maxItems} entries`);
    return false;
  };
}

function eachOfList(check: ValueCheck): ValueCheck {
  return (value, found) => {
    const list = value as readonly unknown[];
    for (let i = 0; i < list.length && !found.full; i++) {
      found.enterEntry(i);
      check(list[i], found);
      found.leave();
    }
  };
}

function eachOfMap(check: ValueCheck, numberKeys: boolean): ValueCheck {
  return (value, found) => {
    for (const [key, entry] of Object.entries(value as object)) {
      if (found.full) return;
      found.enterEntry(numberKeys ? BigInt(key) : key);
      check(entry, found);
      found.leave();
    }
  };
}

function hasNumberKeys(field: DescField & { fieldKind: "map" }): boolean {
  const kind = kindOf(field.mapKey);
  return kind === "integer" || kind === "long";
}

function lengthOf(value: unknown): number {
  return (value as readonly unknown[]).length;
}

function keysOf(value: unknown): number {
  return Object.keys(value as object).length;
}
