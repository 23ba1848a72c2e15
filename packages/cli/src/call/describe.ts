import type { DescEnum, DescField, DescMessage, DescMethod, DescService, ScalarType } from "@bufbuild/protobuf";
import { jsonExample } from "./json-example.js";

/** A service with what its methods take and give, a line each. */
export function describeService(service: DescService): string {
  return [service.typeName, ...service.methods.map((method) => `  ${signature(method)}`)].join("\n");
}

/** A method, with the fields of what it takes and gives, and JSON to start from. */
export function describeMethod(method: DescMethod): string {
  const { input, output } = method;
  const shapes = input === output ? [input] : [input, output];
  return [
    `${method.parent.typeName}/${signature(method)}`,
    ...shapes.map(describeMessage),
    `JSON to start from:\n${jsonExample(input)}`,
  ].join("\n\n");
}

/** The fields of a message under the names that they have in JSON. */
export function describeMessage(message: DescMessage): string {
  const width = Math.max(0, ...message.fields.map(({ jsonName }) => jsonName.length));
  const lines = message.fields.map((field) => {
    const group = field.oneof === undefined ? "" : `   (one of ${field.oneof.name})`;
    return `  ${field.jsonName.padEnd(width)}  ${typeOf(field)}${group}`;
  });
  return [`message ${message.typeName}`, ...(lines.length === 0 ? ["  (no fields)"] : lines)].join("\n");
}

export function describeEnum(desc: DescEnum): string {
  return [`enum ${desc.typeName}`, ...desc.values.map(({ name, number }) => `  ${name} = ${number}`)].join("\n");
}

function signature(method: DescMethod): string {
  const inStream = method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
  const outStream = method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
  const stream = (is: boolean): string => (is ? "stream " : "");
  return `${method.name}(${stream(inStream)}${method.input.typeName}) returns (${stream(outStream)}${method.output.typeName})`;
}

function typeOf(field: DescField): string {
  switch (field.fieldKind) {
    case "list":
      return `repeated ${valueType(field)}`;
    case "map":
      return `map<${scalars[field.mapKey]}, ${valueType(field)}>`;
    default:
      return valueType(field);
  }
}

function valueType(field: DescField): string {
  if (field.message !== undefined) return field.message.typeName;
  if (field.enum !== undefined) return field.enum.typeName;
  return field.scalar === undefined ? "?" : scalars[field.scalar];
}

/** As a `.proto` file writes them. */
const scalars: Readonly<Record<ScalarType, string>> = {
  1: "double",
  2: "float",
  3: "int64",
  4: "uint64",
  5: "int32",
  6: "fixed64",
  7: "fixed32",
  8: "bool",
  9: "string",
  12: "bytes",
  13: "uint32",
  15: "sfixed32",
  16: "sfixed64",
  17: "sint32",
  18: "sint64",
};
