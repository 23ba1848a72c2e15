import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";

/** What a single value of a field, or one entry of a list or map, must look like, for the person who sent another. */
export function expectation(field: DescField): string {
  if (field.enum !== undefined) return `must be one of ${enumNames(field.enum)}`;
  if (field.message !== undefined) return messages[field.message.typeName] ?? "must be an object";
  return field.scalar === undefined ? "is not valid" : (scalars[field.scalar] ?? "is not valid");
}

const whole = (from: string, to: string): string => `must be a whole number from ${from} to ${to}`;
const int32 = whole("-2147483648", "2147483647");
const uint32 = whole("0", "4294967295");
const int64 = `${whole("-9223372036854775808", "9223372036854775807")}, as a string`;
const uint64 = `${whole("0", "18446744073709551615")}, as a string`;

const scalars: Readonly<Partial<Record<ScalarType, string>>> = {
  [ScalarType.STRING]: "must be a string",
  [ScalarType.BOOL]: "must be true or false",
  [ScalarType.BYTES]: "must be a string of base64",
  [ScalarType.DOUBLE]: "must be a number",
  [ScalarType.FLOAT]: "must be a number",
  [ScalarType.INT32]: int32,
  [ScalarType.SINT32]: int32,
  [ScalarType.SFIXED32]: int32,
  [ScalarType.UINT32]: uint32,
  [ScalarType.FIXED32]: uint32,
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.SFIXED64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
};

const messages: Readonly<Record<string, string>> = {
  "google.protobuf.Timestamp": "must be a time such as 2026-01-31T08:00:00Z",
  "google.protobuf.Duration": 'must be a duration such as "1.5s"',
  "google.protobuf.FieldMask": "must be a list of field paths, separated by commas",
  "google.protobuf.Any": "must be an object with an @type that the contract knows",
  "google.protobuf.DoubleValue": "must be a number",
  "google.protobuf.FloatValue": "must be a number",
  "google.protobuf.Int32Value": int32,
  "google.protobuf.UInt32Value": uint32,
  "google.protobuf.Int64Value": int64,
  "google.protobuf.UInt64Value": uint64,
  "google.protobuf.BoolValue": "must be true or false",
  "google.protobuf.StringValue": "must be a string",
  "google.protobuf.BytesValue": "must be a string of base64",
};

function enumNames(desc: DescEnum): string {
  const names = desc.values.map((value) => value.name);
  return names.length <= 12 ? names.join(", ") : `${names.slice(0, 12).join(", ")}, …`;
}

/** Whether a message has a JSON form of its own, so that its fields are not the keys of an object. */
export function hasOwnJson(desc: DescMessage): boolean {
  return desc.typeName in messages || freeForms.has(desc.typeName);
}

/** Whether that form is a text, which a query parameter can carry. */
export function hasTextForm(desc: DescMessage): boolean {
  return desc.typeName in messages && desc.typeName !== "google.protobuf.Any";
}

const freeForms: ReadonlySet<string> = new Set([
  "google.protobuf.Struct",
  "google.protobuf.Value",
  "google.protobuf.ListValue",
]);
