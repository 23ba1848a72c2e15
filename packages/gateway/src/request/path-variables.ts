import type { Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { BoundVariable } from "../routing/binding.js";
import type { Route } from "../routing/routes.js";
import { expectation } from "./expectation.js";
import { holderOf, pathName } from "./fields.js";
import { decodePercent, decodePercentExceptSlash } from "./percent.js";
import { invalid, scalarFromText } from "./scalar-text.js";
import { type Flaw, flaw, type Violation } from "./violations.js";

/**
 * Sets the fields that the path carries. A body may repeat one with the same value; with another value the request
 * contradicts itself and is refused, because it is not for the edge to guess which of the two was meant.
 */
export function bindPath(route: Route, segments: readonly string[], message: Message, violations: Violation[]): void {
  const root = reflect(route.method.input, message);
  for (const variable of route.variables) {
    const wrong = bindVariable(variable, segments, root);
    if (wrong !== undefined) violations.push({ field: pathName(variable.path), ...wrong });
  }
}

function bindVariable(variable: BoundVariable, segments: readonly string[], root: ReflectMessage): Flaw | undefined {
  const field = variable.path[variable.path.length - 1] as (typeof variable.path)[number];
  const text = textOf(variable, segments);
  if (text === undefined) return flaw("ENCODING", "is not valid percent-encoded UTF-8 in the path");
  const value = scalarFromText(field, text);
  if (value === invalid) return flaw("TYPE", `${expectation(field)} in the path`);
  const holder = holderOf(root, variable.path);
  if (holder.isSet(field) && !same(holder.get(field), value))
    return flaw("CONFLICT", "is not the same in the path and in the body");
  if (field.oneof !== undefined && (holder.oneofCase(field.oneof) ?? field) !== field) {
    return flaw("CONFLICT", `contradicts ${holder.oneofCase(field.oneof)?.jsonName} in the body`);
  }
  holder.set(field, value);
  return undefined;
}

function textOf(variable: BoundVariable, segments: readonly string[]): string | undefined {
  if (!variable.multi) return decodePercent(segments[variable.start] as string);
  return decodePercentExceptSlash(segments.slice(variable.start, variable.end).join("/"));
}

function same(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}
