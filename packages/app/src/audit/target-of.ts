import { type DescMessage, getOption, hasOption } from "@bufbuild/protobuf";
import type { Method } from "@sampan/core";
import { http } from "@sampan/protos/google/api/annotations_pb.js";

/**
 * What a call is about, for the trail: the values that its contract puts into the path of a URL (`google.api.http`), such
 * as an order's id. They are in access logs of every proxy, so they are no secrets; nothing else of a request is taken.
 */
export function targetOf(method: Method): (request: unknown) => string {
  const paths = variablesOf(method).flatMap((variable) => localPath(method.input, variable.split(".")) ?? []);
  if (paths.length === 0) return () => "";
  return (request) => paths.map((path) => textAt(request, path)).join("/");
}

function variablesOf({ desc }: Method): string[] {
  if (!hasOption(desc, http)) return [];
  const { value, case: kind } = getOption(desc, http).pattern;
  const template = kind === "custom" ? value.path : (value ?? "");
  return [...template.matchAll(/\{([\w.]+)(?:=[^}]*)?\}/g)].map(([, name = ""]) => name);
}

/** The same path in the names of the code; undefined when a field of it does not exist. In a list, for `flatMap`. */
function localPath(message: DescMessage, names: readonly string[]): string[][] | undefined {
  const path: string[] = [];
  let within: DescMessage | undefined = message;
  for (const name of names) {
    const field: DescMessage["fields"][number] | undefined = within?.fields.find((each) => each.name === name);
    if (field === undefined) return undefined;
    path.push(field.localName);
    within = field.fieldKind === "message" ? field.message : undefined;
  }
  return [path];
}

function textAt(request: unknown, path: readonly string[]): string {
  let value = request;
  for (const name of path) value = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof value === "string" || typeof value === "number" || typeof value === "bigint" ? String(value) : "";
}
