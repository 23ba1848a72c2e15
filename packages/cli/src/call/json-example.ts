import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** Messages inside messages that an example shows; types may hold themselves. */
const deepest = 4;
/** Names, in all. */
const longest = 200;

/** What a request may look like: each field with an empty value of its type, the first of each oneof. */
export function jsonExample(message: DescMessage): string {
  return JSON.stringify(exampleOf(message, 0, { left: longest }), null, 2);
}

function exampleOf(message: DescMessage, depth: number, budget: { left: number }): Json {
  const wellKnown = wellKnownExamples[message.typeName];
  if (wellKnown !== undefined) return wellKnown;
  const example: { [name: string]: Json } = {};
  if (depth === deepest) return example;
  for (const field of message.fields) {
    const isOther = field.oneof !== undefined && field.oneof.fields[0] !== field;
    if (isOther || budget.left === 0) continue;
    budget.left--;
    const value = exampleValue(field, depth, budget);
    if (field.fieldKind === "list") example[field.jsonName] = [value];
    else if (field.fieldKind === "map") example[field.jsonName] = { "": value };
    else example[field.jsonName] = value;
  }
  return example;
}

function exampleValue(field: DescField, depth: number, budget: { left: number }): Json {
  if (field.message !== undefined) return exampleOf(field.message, depth + 1, budget);
  if (field.enum !== undefined) return (field.enum.values[1] ?? field.enum.values[0])?.name ?? 0;
  switch (field.scalar) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return "";
    case ScalarType.BOOL:
      return false;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return "0";
    default:
      return 0;
  }
}

/** Those with a JSON of their own. */
const wellKnownExamples: Readonly<Record<string, Json>> = {
  "google.protobuf.Timestamp": "1970-01-01T00:00:00Z",
  "google.protobuf.Duration": "0s",
  "google.protobuf.FieldMask": "",
  "google.protobuf.Any": { "@type": "type.googleapis.com/google.protobuf.Duration", value: "0s" },
  "google.protobuf.Struct": {},
  "google.protobuf.Value": null,
  "google.protobuf.ListValue": [],
  "google.protobuf.BoolValue": false,
  "google.protobuf.StringValue": "",
  "google.protobuf.BytesValue": "",
  "google.protobuf.DoubleValue": 0,
  "google.protobuf.FloatValue": 0,
  "google.protobuf.Int32Value": 0,
  "google.protobuf.UInt32Value": 0,
  "google.protobuf.Int64Value": "0",
  "google.protobuf.UInt64Value": "0",
};
