import { type DescField, fromJson, type Message } from "@bufbuild/protobuf";
import { type ReflectList, type ReflectMap, type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Route } from "../routing/routes.js";
import { expectation, hasTextForm } from "./expectation.js";
import { type FieldPath, fieldPath, holderOf, pathName } from "./fields.js";
import { decodeForm } from "./percent.js";
import { invalid, scalarFromText } from "./scalar-text.js";
import { entryName, type Flaw, flaw, maxViolations, type Violation } from "./violations.js";

/**
 * Sets fields from a query string: dotted paths in proto or JSON names, a repeated key for each entry of a list,
 * `labels[key]=value` for maps of scalars, well-known types in their JSON text. Only fields that neither the path nor
 * the body binds can be set; every other key is refused by name, because a misspelt filter that is ignored answers
 * with everything.
 */
export function bindQuery(route: Route, query: string, message: Message, violations: Violation[]): void {
  const root = reflect(route.method.input, message);
  const seen = new Set<string>();
  for (const pair of query.split("&")) {
    if (pair === "") continue;
    if (violations.length >= maxViolations) return;
    const equals = pair.indexOf("=");
    const rawKey = equals < 0 ? pair : pair.slice(0, equals);
    const key = decodeForm(rawKey);
    const text = decodeForm(equals < 0 ? "" : pair.slice(equals + 1));
    if (key === undefined || text === undefined) {
      violations.push({ field: key ?? rawKey, ...flaw("ENCODING", "is not valid percent-encoded UTF-8 in the query") });
      continue;
    }
    const violation = bindParameter(route, root, key, text, seen);
    if (violation !== undefined) violations.push(violation);
  }
}

const mapKey = /^([^[\]]+)\[(.*)\]$/s;

function bindParameter(
  route: Route,
  root: ReflectMessage,
  key: string,
  text: string,
  seen: Set<string>,
): Violation | undefined {
  const entry = mapKey.exec(key);
  const path = fieldPath(root.desc, entry === null ? key : (entry[1] as string));
  const field = path?.at(-1);
  if (path === undefined || field === undefined || route.body === "*") {
    return { field: key, ...flaw("UNKNOWN", "is not a query parameter of this method") };
  }
  const name = pathName(path);
  const taken = takenBy(route, path);
  if (taken !== undefined) return { field: name, ...flaw("CONFLICT", `is set by the ${taken}, not by the query`) };
  const wrong =
    entry === null
      ? setField(root, path, field, name, text, seen)
      : setEntry(root, path, field, entry[2] as string, text);
  if (wrong === undefined) return undefined;
  return { field: entry === null ? name : entryName(name, entry[2] as string, field), ...wrong };
}

function takenBy(route: Route, path: FieldPath): "path" | "body" | undefined {
  if (route.body !== undefined && path[0] === route.body) return "body";
  const name = pathName(path);
  return route.variables.some((variable) => pathName(variable.path) === name) ? "path" : undefined;
}

function setField(
  root: ReflectMessage,
  path: FieldPath,
  field: DescField,
  name: string,
  text: string,
  seen: Set<string>,
): Flaw | undefined {
  if (field.fieldKind === "map") return flaw("TYPE", "is a map: write its entries as name[key]=value");
  if (field.fieldKind !== "list" && seen.has(name)) return flaw("TWICE", "is given twice");
  seen.add(name);
  const value = valueFromText(field, text);
  if (value === invalid) {
    const object = field.message !== undefined && !hasTextForm(field.message);
    return flaw("TYPE", object ? "is an object: name a field of it" : expectation(field));
  }
  const clash = oneofClash(root, path);
  if (clash !== undefined) return flaw("CONFLICT", `cannot be given together with ${clash}`);
  const holder = holderOf(root, path);
  if (field.fieldKind === "list") (holder.get(field) as ReflectList).add(value as never);
  else holder.set(field, value);
  return undefined;
}

function setEntry(
  root: ReflectMessage,
  path: FieldPath,
  field: DescField,
  key: string,
  text: string,
): Flaw | undefined {
  if (field.fieldKind !== "map") return flaw("TYPE", "is not a map");
  if (field.mapKind === "message") return flaw("TYPE", "is a map of objects, which the query cannot carry");
  const value = scalarFromText(field, text);
  if (value === invalid) return flaw("TYPE", expectation(field));
  const map = holderOf(root, path).get(field) as ReflectMap;
  const mapKey = scalarFromText({ scalar: field.mapKey } as DescField, key);
  if (mapKey === invalid) return flaw("TYPE", "has a key that is not of the map's key type");
  if (map.has(mapKey as never)) return flaw("TWICE", "is given twice");
  map.set(mapKey as never, value as never);
  return undefined;
}

/** The member of a oneof on the way that is set already and is not the one that the path goes through. */
function oneofClash(root: ReflectMessage, path: FieldPath): string | undefined {
  let at = root;
  for (const field of path) {
    const set = field.oneof === undefined ? undefined : at.oneofCase(field.oneof);
    if (set !== undefined && set !== field) return set.jsonName;
    if (field.fieldKind !== "message" || !at.isSet(field)) return undefined;
    at = at.get(field) as ReflectMessage;
  }
  return undefined;
}

function valueFromText(field: DescField, text: string): unknown {
  if (field.message === undefined) return scalarFromText(field, text);
  if (!hasTextForm(field.message)) return invalid;
  try {
    // Wrappers of booleans are the only ones whose JSON is not a string.
    const json = field.message.typeName === "google.protobuf.BoolValue" ? JSON.parse(text) : text;
    return reflect(field.message, fromJson(field.message, json));
  } catch {
    return invalid;
  }
}
