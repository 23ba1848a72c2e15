import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type DescField, type DescMessage, fromBinary, ScalarType, toBinary } from "@bufbuild/protobuf";
import {
  AnySchema,
  EmptySchema,
  ListValueSchema,
  SourceCodeInfo_LocationSchema,
  TimestampSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import * as details from "@sampan/protos/google/rpc/error_details_pb.js";
import { StatusSchema } from "@sampan/protos/google/rpc/status_pb.js";
import { HealthCheckResponseSchema } from "@sampan/protos/grpc/health/v1/health_pb.js";
import * as reflection from "@sampan/protos/grpc/reflection/v1/reflection_pb.js";
import { EchoRequestSchema, RuledRequestSchema, TreeSchema, WrapperSchema } from "@sampan/testkit";
import fc from "fast-check";
import { everyKind } from "./every-kind.fixture.js";
import { codecOf } from "./message-codec.js";
import { writer } from "./wire-writer.js";

const schemas: readonly DescMessage[] = [
  everyKind,
  EchoRequestSchema,
  RuledRequestSchema,
  TreeSchema,
  WrapperSchema,
  StatusSchema,
  AnySchema,
  TimestampSchema,
  ValueSchema,
  ListValueSchema,
  HealthCheckResponseSchema,
  SourceCodeInfo_LocationSchema,
  details.ErrorInfoSchema,
  details.BadRequestSchema,
  details.QuotaFailureSchema,
  reflection.ServerReflectionRequestSchema,
  reflection.ServerReflectionResponseSchema,
];

const integer = (min: number, max: number): fc.Arbitrary<unknown> =>
  fc.oneof(fc.constantFrom(0, 1, min, max), fc.integer({ min, max }));
const long = (min: bigint, max: bigint): fc.Arbitrary<unknown> =>
  fc.oneof(fc.constantFrom(0n, 1n, min, max, 0xffff_ffffn, 0x1_0000_0000n), fc.bigInt({ min, max }));
const int64 = long(-(1n << 63n), (1n << 63n) - 1n);
const uint64 = long(0n, (1n << 64n) - 1n);
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.string({ maxLength: 200 }),
  fc.constantFrom("", "茶馆 🍵", "\ud800 alone", "x".repeat(5000)),
);
const scalars: Readonly<Partial<Record<ScalarType, fc.Arbitrary<unknown>>>> = {
  [ScalarType.DOUBLE]: fc.double(),
  [ScalarType.FLOAT]: fc.float(),
  [ScalarType.INT32]: integer(-(2 ** 31), 2 ** 31 - 1),
  [ScalarType.SINT32]: integer(-(2 ** 31), 2 ** 31 - 1),
  [ScalarType.SFIXED32]: integer(-(2 ** 31), 2 ** 31 - 1),
  [ScalarType.UINT32]: integer(0, 2 ** 32 - 1),
  [ScalarType.FIXED32]: integer(0, 2 ** 32 - 1),
  [ScalarType.INT64]: int64,
  [ScalarType.SINT64]: int64,
  [ScalarType.SFIXED64]: int64,
  [ScalarType.UINT64]: uint64,
  [ScalarType.FIXED64]: uint64,
  [ScalarType.BOOL]: fc.boolean(),
  [ScalarType.STRING]: text,
  [ScalarType.BYTES]: fc.uint8Array({ maxLength: 300 }),
};

function fieldValue(field: DescField, depth: number): fc.Arbitrary<unknown> {
  if ("message" in field && field.message !== undefined)
    return depth > 1 ? fc.constant(undefined) : messageOf(field.message, depth + 1);
  if ("enum" in field && field.enum !== undefined)
    return fc.constantFrom(...field.enum.values.map(({ number }) => number));
  return scalars[field.scalar as ScalarType] as fc.Arbitrary<unknown>;
}

function initOf(schema: DescMessage, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const members = schema.members.map((member): [string, fc.Arbitrary<unknown>] => {
    if (member.kind === "oneof") {
      const cases = member.fields.map((field) =>
        fieldValue(field, depth).map((value) =>
          value === undefined ? { case: undefined } : { case: field.localName, value },
        ),
      );
      return [member.localName, fc.option(fc.oneof(...cases), { nil: undefined })];
    }
    const one = fieldValue(member, depth);
    // At the deepest level there is nothing to put into a list of messages.
    if (member.fieldKind === "list" && member.listKind === "message" && depth > 1) {
      return [member.localName, fc.constant([])];
    }
    if (member.fieldKind === "list") return [member.localName, fc.array(one, { maxLength: depth > 0 ? 2 : 4 })];
    if (member.fieldKind === "map") return [member.localName, fc.constant({})];
    if (member.fieldKind === "message" && member.message.typeName === "google.protobuf.Struct")
      return [member.localName, fc.constant(undefined)];
    return [member.localName, fc.option(one, { nil: undefined })];
  });
  return fc.record<Record<string, unknown>>(Object.fromEntries(members) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [],
  });
}

function messageOf(schema: DescMessage, depth = 0): fc.Arbitrary<object> {
  return initOf(schema, depth).map((init) => create(schema, init));
}

/** Between other octets, as in a network buffer. */
function decode(schema: DescMessage, octets: Uint8Array): object {
  const around = Buffer.concat([Buffer.alloc(7, 0x5a), octets, Buffer.alloc(9, 0xa5)]);
  const message = codecOf(schema).decode(around, 7, 7 + octets.length);
  // Whoever is given a network buffer reuses it.
  around.fill(0);
  return message;
}

for (const schema of schemas) {
  test(`${schema.typeName}: the octets and messages of protobuf-es`, () => {
    fc.assert(
      fc.property(messageOf(schema), (message) => {
        const expected = toBinary(schema, message as never);
        assert.deepEqual(Buffer.from(codecOf(schema).encode(message).copy()), Buffer.from(expected));
        assert.deepEqual(decode(schema, expected), fromBinary(schema, expected));
      }),
      { numRuns: schema === everyKind ? 40 : 100 },
    );
  });

  test(`${schema.typeName}: damaged octets are judged as protobuf-es judges them`, () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(messageOf(schema), damage, fc.nat(12), (message, changes, cut) => {
        const octets = toBinary(schema, message as never);
        for (const [at, value] of changes) if (octets.length > 0) octets[at % octets.length] = value;
        const input = octets.slice(0, Math.max(0, octets.length - (cut > 8 ? cut - 8 : 0)));
        assert.deepEqual(
          outcome(() => decode(schema, input)),
          outcome(() => fromBinary(schema, input)),
        );
      }),
      { numRuns: schema === everyKind ? 60 : 200 },
    );
  });
}

function outcome(run: () => object): unknown {
  try {
    return run();
  } catch (thrown) {
    return String(thrown);
  }
}

/** Around what is sent by reference, and around every length's number of octets. */
const largeBytes = fc
  .oneof(fc.constantFrom(0, 100, 16_383, 16_384, 16_385, 40_000), fc.nat(70_000))
  .map((length) => new Uint8Array(length).fill(length & 0xff));

test("large bytes, at the top, in lists and in nested messages: the octets and messages of protobuf-es", () => {
  const any = fc.record({ typeUrl: fc.string({ maxLength: 200 }), value: largeBytes });
  fc.assert(
    fc.property(fc.array(any, { maxLength: 4 }), largeBytes, fc.string(), (list, body, text) => {
      const status = create(StatusSchema, { code: 3, message: text, details: list });
      const echo = create(EchoRequestSchema, { text, body, number: 5n });
      for (const [schema, message] of [
        [StatusSchema, status],
        [EchoRequestSchema, echo],
        [AnySchema, create(AnySchema, { typeUrl: text, value: body })],
      ] as const) {
        const expected = toBinary(schema as DescMessage, message as never);
        const encoded = codecOf(schema).encode(message);
        assert.equal(encoded.size, expected.length);
        assert.ok(Buffer.from(encoded.copy()).equals(expected));
        assert.deepEqual(decode(schema, expected), fromBinary(schema as DescMessage, expected));
      }
    }),
    { numRuns: 60 },
  );
});

test("large bytes of a message that owns its buffer stay in it; of any other they are copied", () => {
  const body = new Uint8Array(50_000).fill(7);
  const octets = Buffer.from(toBinary(EchoRequestSchema, create(EchoRequestSchema, { text: "x", body })));
  const owner = codecOf(EchoRequestSchema).decode(octets, 0, octets.length, true) as { body: Uint8Array };
  assert.equal(owner.body.buffer, octets.buffer);
  assert.deepEqual(owner.body, body);
  const other = codecOf(EchoRequestSchema).decode(octets, 0, octets.length) as { body: Uint8Array };
  assert.notEqual(other.body.buffer, octets.buffer);
  // Two halves of which neither is most of it must not pin the other.
  const small = Buffer.from(toBinary(EchoRequestSchema, create(EchoRequestSchema, { text: "x".repeat(60_000), body })));
  const part = codecOf(EchoRequestSchema).decode(small, 0, small.length, true) as { body: Uint8Array };
  assert.notEqual(part.body.buffer, small.buffer);
});

test("a message that was kept is not overwritten by those after it, one that was sent is", () => {
  const codec = codecOf(EchoRequestSchema);
  const encode = (text: string): Uint8Array => {
    codec.encode(create(EchoRequestSchema, { text }));
    writer.closePrefix();
    return writer.piece(0);
  };
  const sent = encode("first");
  const kept = encode("second");
  assert.equal(kept.byteOffset, sent.byteOffset, "nobody kept the first");
  const copy = Buffer.from(kept);
  writer.keep();
  for (let i = 0; i < 50; i++) {
    encode("x".repeat(i * 997));
    if (i % 3 === 0) writer.keep();
  }
  assert.deepEqual(Buffer.from(kept), copy);
  assert.equal(copy.readUInt32BE(1), copy.length - 5);
});

test("unknown fields survive, and own their octets", () => {
  const rich = toBinary(EchoRequestSchema, create(EchoRequestSchema, { text: "x", body: Uint8Array.of(1, 2, 3) }));
  const poor = decode(EmptySchema, rich) as { $unknown?: unknown[] };
  assert.equal(poor.$unknown?.length, 2);
  assert.deepEqual(Buffer.from(codecOf(EmptySchema).encode(poor).copy()), Buffer.from(rich));
});

test("a field of a message that comes twice is merged, as the encoding asks", () => {
  const first = toBinary(WrapperSchema, create(WrapperSchema, {}));
  assert.deepEqual(decode(WrapperSchema, first), fromBinary(WrapperSchema, first));
  const node = (text: string): Uint8Array =>
    toBinary(
      reflection.ServerReflectionResponseSchema,
      create(reflection.ServerReflectionResponseSchema, { originalRequest: { host: text } }),
    );
  const twice = Buffer.concat([node("a"), node("b"), node("")]);
  assert.deepEqual(
    decode(reflection.ServerReflectionResponseSchema, twice),
    fromBinary(reflection.ServerReflectionResponseSchema, twice),
  );
});

test("values that no field can hold are refused as protobuf-es refuses them", () => {
  const message = create(EchoRequestSchema);
  for (const wrong of [1n << 63n, "7", 7, undefined, null, "x"]) {
    const spoilt = { ...message, number: wrong };
    assert.deepEqual(
      outcome(() => Buffer.from(codecOf(EchoRequestSchema).encode(spoilt).copy())),
      outcome(() => Buffer.from(toBinary(EchoRequestSchema, spoilt as never))),
      `${typeof wrong} ${wrong}`,
    );
  }
});

test("nesting beyond the limit is refused", () => {
  let octets: Uint8Array = new Uint8Array(0);
  const field = TreeSchema.fields.find((each) => "message" in each && each.message === TreeSchema);
  assert.ok(field !== undefined);
  for (let i = 0; i < 150; i++)
    octets = Buffer.concat([Buffer.from([(field.number << 3) | 2, ...varint(octets.length)]), octets]);
  assert.deepEqual(
    outcome(() => decode(TreeSchema, octets)),
    outcome(() => fromBinary(TreeSchema, octets)),
  );
});

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}
