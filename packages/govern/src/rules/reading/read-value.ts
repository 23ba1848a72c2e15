import { nearest } from "../nearest.js";
import type { FieldSpec, Fields } from "../section.js";
import type { Path, Problems } from "./problems.js";
import { readScalar } from "./read-scalar.js";
import { bad, described, isMap } from "./written.js";

export type ObjectSpec = Extract<FieldSpec, { kind: "object" }>;
type ListSpec = Extract<FieldSpec, { kind: "list" }>;
type MapSpec = Extract<FieldSpec, { kind: "map" }>;

/** The normalised form of a written value, or `bad` after at least one problem was added. */
export function readValue(spec: FieldSpec, value: unknown, path: Path, problems: Problems): unknown {
  switch (spec.kind) {
    case "json":
      return value;
    case "list":
      return readList(spec, value, path, problems);
    case "map":
      return readMap(spec, value, path, problems);
    case "object":
      return readObject(spec, value, path, problems);
    default:
      return readScalar(spec, value, path, problems);
  }
}

function readObject(spec: ObjectSpec, value: unknown, path: Path, problems: Problems): unknown {
  if (!isMap(value)) {
    const short = spec.short === undefined ? undefined : spec.fields[spec.short];
    if (spec.short !== undefined && short !== undefined && value !== null) {
      const read = readValue(short, value, path, problems);
      return read === bad ? bad : fillDefaults(spec.fields, { [short.as ?? spec.short]: read });
    }
    problems.add(
      path,
      `must be a map, not ${described(value)}`,
      `write ${Object.keys(spec.fields).join(", ")} below it`,
    );
    return bad;
  }
  let good = true;
  const read: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(spec.fields, key)) continue;
    good = false;
    const meant = nearest(key, Object.keys(spec.fields));
    const fix = meant === undefined ? `use ${Object.keys(spec.fields).join(", ")}` : `did you mean ${meant}?`;
    problems.add([...path, key], "is not known here", fix, { atKey: true });
  }
  for (const [name, field] of Object.entries(spec.fields)) {
    if (!Object.hasOwn(value, name)) {
      if (field.required !== true) continue;
      good = false;
      problems.add([...path, name], "is missing", `write ${name}: ${field.doc}`);
      continue;
    }
    const each = readValue(field, value[name], [...path, name], problems);
    if (each === bad) good = false;
    else read[field.as ?? name] = each;
  }
  for (const group of spec.exactlyOne ?? []) {
    const written = group.filter((name) => Object.hasOwn(value, name));
    if (written.length === 1) continue;
    good = false;
    const names = group.join(", ");
    if (written.length === 0) problems.add(path, `needs one of ${names}`, "write one of them");
    else problems.add(path, `has ${written.join(" and ")}, which exclude one another`, `keep one of ${names}`);
  }
  return good ? fillDefaults(spec.fields, read) : bad;
}

/** Fields that were not written and have a default. Defaults are ours, so reading one cannot fail. */
function fillDefaults(fields: Fields, read: Record<string, unknown>): Record<string, unknown> {
  for (const [name, field] of Object.entries(fields)) {
    const key = field.as ?? name;
    if (read[key] === undefined && field.default !== undefined) read[key] = defaultOf(name, field);
  }
  return read;
}

function defaultOf(name: string, field: FieldSpec): unknown {
  const wrong: string[] = [];
  const problems = { add: (_: Path, why: string) => void wrong.push(why) } as unknown as Problems;
  const value = readValue(field, field.default, [], problems);
  if (value === bad) throw new TypeError(`the default of ${name} ${wrong.join("; ")}`);
  return value;
}

function readList(spec: ListSpec, value: unknown, path: Path, problems: Problems): unknown {
  const { minItems = 0, maxItems = 100 } = spec;
  if (!Array.isArray(value)) {
    const one = readValue(spec.items, value, path, problems);
    if (one !== bad && minItems > 1) {
      problems.add(path, `needs at least ${minItems} entries`, "write a list");
      return bad;
    }
    return one === bad ? bad : [one];
  }
  let good = true;
  if (value.length < minItems) {
    good = false;
    problems.add(path, value.length === 0 ? "is empty" : `has ${value.length} entries`, `write at least ${minItems}`);
  } else if (value.length > maxItems) {
    problems.add(path, `has ${value.length} entries`, `write at most ${maxItems}`);
    return bad;
  }
  const read = value.map((item, index) => readValue(spec.items, item, [...path, index], problems));
  return good && !read.includes(bad) ? read : bad;
}

function readMap(spec: MapSpec, value: unknown, path: Path, problems: Problems): unknown {
  if (!isMap(value)) {
    problems.add(path, `must be a map of names to values, not ${described(value)}`, "write name: value below it");
    return bad;
  }
  const { maxItems = 100 } = spec;
  const names = Object.keys(value);
  if (names.length > maxItems) {
    problems.add(path, `has ${names.length} entries`, `write at most ${maxItems}`);
    return bad;
  }
  let good = true;
  // Entries, because a name such as __proto__ must stay a name.
  const entries: [string, unknown][] = [];
  for (const name of names) {
    const each = readValue(spec.values, value[name], [...path, name], problems);
    if (each === bad) good = false;
    else entries.push([name, each]);
  }
  return good ? Object.fromEntries(entries) : bad;
}
