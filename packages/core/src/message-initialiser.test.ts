import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, createFileRegistry, type DescMessage } from "@bufbuild/protobuf";
import {
  FieldDescriptorProtoSchema,
  FileDescriptorProtoSchema,
  file_google_protobuf_struct,
  file_google_protobuf_wrappers,
  FieldDescriptorProto_Label as Label,
  StructSchema,
  FieldDescriptorProto_Type as Type,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { initialiserOf } from "./message-initialiser.js";

const scalars = [
  ...[Type.DOUBLE, Type.FLOAT, Type.INT64, Type.UINT64, Type.INT32, Type.FIXED64, Type.FIXED32, Type.BOOL],
  ...[Type.STRING, Type.BYTES, Type.UINT32, Type.SFIXED32, Type.SFIXED64, Type.SINT32, Type.SINT64],
];
const named = new Map([
  ["colour", { type: Type.ENUM, typeName: ".test.Colour" }],
  ["every", { type: Type.MESSAGE, typeName: ".test.Every" }],
  ["struct", { type: Type.MESSAGE, typeName: ".google.protobuf.Struct" }],
  ["text_value", { type: Type.MESSAGE, typeName: ".google.protobuf.StringValue" }],
  ["bytes_value", { type: Type.MESSAGE, typeName: ".google.protobuf.BytesValue" }],
]);
const kinds = [
  ...scalars.map((type) => ({ name: Type[type].toLowerCase(), type })),
  ...[...named].map(([name, kind]) => ({ name, ...kind })),
];
const every = build();

/** A type with every kind of field: plain, optional, repeated, in a oneof and as values of a map. */
function build(): DescMessage {
  const forms = ["plain", "optional", "list", "choice", "map"];
  const fields = forms.flatMap((form, i) =>
    kinds.map(({ name, ...kind }, k) => ({
      ...{ name: `${form}_${name}`, number: 1 + i * 100 + k },
      label: form === "list" || form === "map" ? Label.REPEATED : Label.OPTIONAL,
      ...(form === "map" ? { type: Type.MESSAGE, typeName: `.test.Every.${entryName(name)}` } : kind),
      ...(form === "choice" ? { oneofIndex: 0 } : {}),
      ...(form === "optional" && kind.type !== Type.MESSAGE ? { proto3Optional: true, oneofIndex: 1 + k } : {}),
    })),
  );
  const entries = kinds.map(({ name, ...kind }) => ({
    name: entryName(name),
    options: { mapEntry: true },
    field: [
      { name: "key", number: 1, type: Type.STRING, label: Label.OPTIONAL },
      { name: "value", number: 2, label: Label.OPTIONAL, ...kind },
    ],
  }));
  const optionals = kinds
    .filter(({ type }) => type !== Type.MESSAGE)
    .map(({ name }) => ({ name: `_optional_${name}` }));
  const file = create(FileDescriptorProtoSchema, {
    ...{ name: "every.proto", package: "test", syntax: "proto3" },
    dependency: ["google/protobuf/struct.proto", "google/protobuf/wrappers.proto"],
    enumType: [{ name: "Colour", value: [0, 1, 5].map((number) => ({ name: `C${number}`, number })) }],
    messageType: [{ name: "Every", field: fields, nestedType: entries, oneofDecl: [{ name: "choice" }, ...optionals] }],
  });
  const known = [file_google_protobuf_struct, file_google_protobuf_wrappers];
  const registry = createFileRegistry(file, (name) => known.find(({ proto }) => proto.name === name)?.proto);
  const found = registry.getMessage("test.Every");
  assert.ok(found);
  return found;
}

/** `MapTextValueEntry`, as protoc names the entries of `map_text_value`. */
function entryName(name: string): string {
  return `Map${name.replace(/(^|_)./g, (start) => start.slice(-1).toUpperCase())}Entry`;
}

/** What may stand for a field: right values, absent ones, and what neither side looks at. */
const { init } = fc.letrec<{ init: Record<string, unknown>; value: unknown }>((tie) => ({
  init: fc
    .dictionary(fc.constantFrom(...every.members.map(({ localName }) => localName), "unknown"), tie("value"), {
      maxKeys: 12,
      noNullPrototype: true,
    })
    .map((fields) => fields),
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom<unknown>(undefined, null, 0, 7, -0, 3n, true, "", "text", { case: undefined }, { case: "none" }),
    fc.uint8Array({ maxLength: 3 }),
    fc.array(fc.nat(255), { maxLength: 3 }),
    tie("init"),
    tie("init").map((fields) => tryCreate(fields)),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b"), tie("value"), { maxKeys: 2, noNullPrototype: true }),
    fc.record({
      case: fc.constantFrom(...(every.oneofs[0]?.fields ?? []).map(({ localName }) => localName)),
      value: tie("value"),
    }),
  ),
}));

function tryCreate(fields: Record<string, unknown>): unknown {
  return outcome(() => create(every, fields)).made ?? fields;
}

function outcome(make: () => unknown): { made?: unknown; threw?: string } {
  try {
    return { made: make() };
  } catch (thrown) {
    return { threw: (thrown as Error).constructor.name };
  }
}

describe("initialiserOf", () => {
  test("makes what protobuf-es's create makes, of anything", () => {
    const initialise = initialiserOf(every);
    let made = 0;
    fc.assert(
      fc.property(init, (fields) => {
        const ours = outcome(() => initialise(fields));
        const theirs = outcome(() => create(every, fields));
        assert.deepEqual(ours, theirs);
        if (ours.made === undefined) return;
        made++;
        assert.deepEqual(Object.keys(ours.made as object), Object.keys(theirs.made as object));
      }),
      { numRuns: 2000 },
    );
    assert.ok(made > 1000, `only ${made} could be made`);
  });

  test("gives back a message of the type, and makes an empty one of nothing", () => {
    const initialise = initialiserOf(every);
    const message = create(every);
    assert.equal(initialise(message), message);
    assert.deepEqual(initialise(undefined), message);
  });

  test("what is mutable in a message belongs to it alone", () => {
    const initialise = initialiserOf(every);
    const [one, other] = [initialise({}), initialise({})] as [Record<string, unknown>, Record<string, unknown>];
    (one.listString as string[]).push("x");
    (one.mapString as Record<string, string>).a = "x";
    (one.choice as { case: string | undefined }).case = "choiceBool";
    assert.deepEqual(other, create(every));
  });

  test("lists and maps that need no conversion are taken as they are, as create does", () => {
    const listString = ["a"];
    const mapString = { a: "b" };
    const made = initialiserOf(every)({ listString, mapString }) as Record<string, unknown>;
    assert.equal(made.listString, listString);
    assert.equal(made.mapString, mapString);
  });

  test("Value takes Struct as a message, every other type as a plain object", () => {
    const kind = {
      case: "structValue",
      value: { fields: { a: { kind: { case: "boolValue", value: true } } } },
    } as const;
    assert.deepEqual(initialiserOf(ValueSchema)({ kind }), create(ValueSchema, { kind }));
    const fields = { fields: { a: { kind } } };
    assert.deepEqual(initialiserOf(StructSchema)(fields), create(StructSchema, fields));
  });

  test("types of other editions keep their defaults on prototypes", () => {
    const ours = initialiserOf(FieldDescriptorProtoSchema)({ name: "a" });
    const theirs = create(FieldDescriptorProtoSchema, { name: "a" });
    assert.deepEqual(ours, theirs);
    assert.deepEqual(Object.getPrototypeOf(ours), Object.getPrototypeOf(theirs));
  });
});
