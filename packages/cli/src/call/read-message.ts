import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  type Registry,
} from "@bufbuild/protobuf";
import { nearest } from "@sampan/config";
import { CommandError } from "../command/command-error.js";
import { type JsonText, positionIn } from "./json-splitter.js";
import { JsonFault, type JsonNode, parseJson, plainJson } from "./json-text.js";

/** A message from its canonical protobuf JSON. Throws `CommandError` that names line, column, field and reason. */
export function readMessage(schema: DescMessage, json: JsonText, source: string, registry: Registry): Message {
  const refuse = (at: number, problem: string): CommandError => {
    const { line, column } = positionIn(json.text, at, json.line, json.column);
    const fix = `sampan call --describe ${schema.typeName} shows what it takes`;
    return new CommandError(`${source}, line ${line}, column ${column}: ${problem}`, fix, 2);
  };
  let node: JsonNode;
  try {
    node = parseJson(json.text);
  } catch (error) {
    if (error instanceof JsonFault) throw refuse(error.at, `this is not JSON: ${error.message}`);
    throw error;
  }
  const problem = problemOf(schema, plainJson(node), registry);
  if (typeof problem !== "string") return problem;
  const found = locate(schema, node, "", problem, registry);
  throw refuse(found.at, `${found.path === "" ? schema.typeName : `field ${found.path}`}: ${found.problem}`);
}

interface Located {
  readonly at: number;
  readonly path: string;
  readonly problem: string;
}

/** The message, or what is wrong with its JSON in words for people. */
function problemOf(schema: DescMessage, json: unknown, registry: Registry): Message | string {
  try {
    return fromJson(schema, json as JsonValue, { registry });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return text.replace(/^cannot decode (?:field|message) \S+ from JSON: /, "");
  }
}

/** The innermost value that is wrong by itself: each member is tried alone. `problem` is of the whole. */
function locate(schema: DescMessage, node: JsonNode, path: string, problem: string, registry: Registry): Located {
  const whole = { at: node.at, path, problem };
  // Well-known types have a JSON of their own, which has no fields.
  if (node.kind !== "object" || schema.typeName.startsWith("google.protobuf.")) return whole;
  for (const { name, at, value } of node.members) {
    const inner = path === "" ? name : `${path}.${name}`;
    const field = schema.fields.find((each) => each.jsonName === name || each.name === name);
    if (field === undefined) {
      if (name.startsWith("[")) continue;
      return { at, path: inner, problem: unknownField(schema, name) };
    }
    const wrong = problemOf(schema, { [name]: plainJson(value) }, registry);
    if (typeof wrong === "string") return inField(schema, field, name, value, inner, wrong, registry);
  }
  return whole;
}

function inField(
  schema: DescMessage,
  field: DescField,
  name: string,
  node: JsonNode,
  path: string,
  problem: string,
  registry: Registry,
): Located {
  const { message } = field;
  if (field.fieldKind === "list" && node.kind === "array") {
    for (const [index, item] of node.items.entries()) {
      const wrong = problemOf(schema, { [name]: [plainJson(item)] }, registry);
      if (typeof wrong === "string") return inValue(message, item, `${path}[${index}]`, wrong, registry);
    }
  }
  if (field.fieldKind === "map" && node.kind === "object") {
    for (const entry of node.members) {
      const wrong = problemOf(schema, { [name]: { [entry.name]: plainJson(entry.value) } }, registry);
      if (typeof wrong === "string")
        return inValue(message, entry.value, `${path}[${JSON.stringify(entry.name)}]`, wrong, registry);
    }
  }
  return inValue(field.fieldKind === "message" ? message : undefined, node, path, problem, registry);
}

function inValue(
  message: DescMessage | undefined,
  node: JsonNode,
  path: string,
  problem: string,
  registry: Registry,
): Located {
  return message === undefined ? { at: node.at, path, problem } : locate(message, node, path, problem, registry);
}

function unknownField(schema: DescMessage, name: string): string {
  const meant = nearest(
    name,
    schema.fields.map(({ jsonName }) => jsonName),
  );
  return `${schema.typeName} has no such field${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}
