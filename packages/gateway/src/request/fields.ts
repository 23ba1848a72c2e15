import type { DescField, DescMessage } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";

/** From a message to one of its fields, through singular message fields: `address.city` is two steps. */
export type FieldPath = readonly DescField[];

const byName = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

/** A field by its proto name or its JSON name. */
export function fieldNamed(desc: DescMessage, name: string): DescField | undefined {
  let names = byName.get(desc);
  if (names === undefined) {
    const map = new Map<string, DescField>();
    for (const field of desc.fields) map.set(field.jsonName, field);
    for (const field of desc.fields) map.set(field.name, field);
    names = map;
    byName.set(desc, names);
  }
  return names.get(name);
}

/** Resolves dotted proto or JSON names; undefined when a step does not exist or leads through something else. */
export function fieldPath(desc: DescMessage, path: string): FieldPath | undefined {
  const fields: DescField[] = [];
  let at: DescMessage | undefined = desc;
  for (const name of path.split(".")) {
    const field: DescField | undefined = at === undefined ? undefined : fieldNamed(at, name);
    if (field === undefined) return undefined;
    fields.push(field);
    at = field.fieldKind === "message" ? field.message : undefined;
  }
  return fields;
}

/** The path in JSON names, as `BadRequest` names fields whatever the client called them. */
export function pathName(path: FieldPath): string {
  return path.map((field) => field.jsonName).join(".");
}

/** The message that holds the last field of the path; messages on the way are made when they are not set. */
export function holderOf(root: ReflectMessage, path: FieldPath): ReflectMessage {
  let at = root;
  for (let i = 0; i < path.length - 1; i++) {
    const field = path[i] as DescField & { fieldKind: "message" };
    if (!at.isSet(field)) at.set(field, reflect(field.message));
    at = at.get(field) as ReflectMessage;
  }
  return at;
}
