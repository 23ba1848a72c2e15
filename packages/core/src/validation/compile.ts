import { type DescField, type DescMessage, getOption, hasOption, isFieldSet, type Message } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { type FieldRules, field as fieldOption } from "@sampan/protos/sampan/v1/options_pb.js";
import { entriesCheck } from "./entry-rules.js";
import { presenceCheck } from "./presence.js";
import { badRule, kindOf, type ValueCheck, valueCheck } from "./value-rules.js";
import type { Violations } from "./violations.js";

type Fields = Readonly<Record<string, unknown>>;
type FieldCheck = (message: Fields, found: Violations) => void;

/**
 * The rules of a message and of all messages below it as one function, or undefined when there are none at any depth.
 * Throws `TypeError`, which names the field, for a rule that cannot be: a pattern that does not compile, limits that
 * leave nothing between them, a rule for another kind of field.
 */
export function compileRules(desc: DescMessage): ValueCheck | undefined {
  return reachesRules(desc, new Set()) ? compile(desc, new Map()) : undefined;
}

/** `made` holds checks by message, so that a message may contain itself. */
function compile(desc: DescMessage, made: Map<DescMessage, ValueCheck>): ValueCheck {
  const before = made.get(desc);
  if (before !== undefined) return before;
  const checks: FieldCheck[] = [];
  const check: ValueCheck = (message, found) => {
    for (const each of checks) {
      if (found.full) return;
      each(message as Fields, found);
    }
  };
  made.set(desc, check);
  for (const field of desc.fields) {
    const compiled = compileField(field, (below) =>
      reachesRules(below, new Set()) ? compile(below, made) : undefined,
    );
    if (compiled !== undefined) checks.push(compiled);
  }
  return check;
}

function compileField(field: DescField, below: (desc: DescMessage) => ValueCheck | undefined): FieldCheck | undefined {
  const rules = rulesOf(field);
  const check = join(rules && presenceCheck(field, rules), insideCheck(field, rules, below));
  if (check === undefined) return undefined;
  const name = field.jsonName;
  const read = reader(field);
  return (message, found) => {
    found.enter(name);
    check(read(message), found);
    found.leave();
  };
}

/** The rules about what is in a field; `undefined` is passed for a field that is not set. */
function insideCheck(
  field: DescField,
  rules: FieldRules | undefined,
  below: (desc: DescMessage) => ValueCheck | undefined,
): ValueCheck | undefined {
  if (field.fieldKind === "list" || field.fieldKind === "map") return entriesCheck(field, rules, below);
  if (rules !== undefined && (rules.minItems !== undefined || rules.maxItems !== undefined)) {
    throw badRule(field, "min_items and max_items are for lists and maps");
  }
  const own = rules && valueCheck(field, rules, kindOf(field.scalar));
  const check = field.message === undefined ? own : below(field.message);
  return (
    check &&
    ((value, found) => {
      if (value !== undefined) check(value, found);
    })
  );
}

/** Presence first: what is missing is not also too short. */
function join(
  presence: ((value: unknown, found: Violations) => boolean) | undefined,
  inside: ValueCheck | undefined,
): ValueCheck | undefined {
  if (presence === undefined) return inside;
  return (value, found) => {
    if (presence(value, found)) inside?.(value, found);
  };
}

function reader(field: DescField): (message: Fields) => unknown {
  const name = field.localName;
  if (field.oneof !== undefined) {
    const oneof = field.oneof.localName;
    return (message) => {
      const chosen = message[oneof] as { case?: string; value?: unknown };
      return chosen.case === name ? chosen.value : undefined;
    };
  }
  if (field.fieldKind === "list" || field.fieldKind === "map" || field.presence === FeatureSet_FieldPresence.IMPLICIT) {
    return (message) => message[name];
  }
  return (message) => (isFieldSet(message as unknown as Message, field) ? message[name] : undefined);
}

function rulesOf(field: DescField): FieldRules | undefined {
  return hasOption(field, fieldOption) ? getOption(field, fieldOption) : undefined;
}

function reachesRules(desc: DescMessage, seen: Set<DescMessage>): boolean {
  if (seen.has(desc)) return false;
  seen.add(desc);
  return desc.fields.some(
    (field) => rulesOf(field) !== undefined || (field.message !== undefined && reachesRules(field.message, seen)),
  );
}
