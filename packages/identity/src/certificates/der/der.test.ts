import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CertificateErrors } from "../certificate-errors.js";
import { DerReader } from "./der-reader.js";
import {
  bitString,
  boolean,
  element,
  integer,
  namedBits,
  octetString,
  oid,
  sequence,
  setOf,
  Tag,
  time,
} from "./der-writer.js";

const reader = (...bytes: number[]): DerReader => new DerReader(Uint8Array.from(bytes), "test");
const invalid = (error: unknown): boolean => CertificateErrors.CERTIFICATE_INVALID.is(error);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

test("elements as X.690 writes them", () => {
  assert.equal(hex(integer(0)), "020100");
  assert.equal(hex(integer(127)), "02017f");
  assert.equal(hex(integer(128)), "02020080");
  assert.equal(hex(integer(256n)), "02020100");
  assert.equal(hex(integer(Buffer.from("0000ff", "hex"))), "020200ff");
  assert.equal(hex(boolean(true)), "0101ff");
  assert.equal(hex(oid("1.2.840.113549")), "06062a864886f70d");
  assert.equal(hex(oid("2.5.29.17")), "0603551d11");
  assert.equal(hex(namedBits([0])), "03020780");
  assert.equal(hex(namedBits([5, 6])), "03020106");
  assert.equal(hex(namedBits([8])), "0303070080");
  assert.equal(hex(bitString(Buffer.of(1))), "03020001");
  assert.equal(hex(setOf(integer(2), integer(1))), "3106020101020102");
  assert.equal(hex(octetString(Buffer.alloc(127))).slice(0, 4), "047f");
  assert.equal(hex(octetString(Buffer.alloc(128))).slice(0, 6), "048180");
  assert.equal(hex(octetString(Buffer.alloc(256))).slice(0, 8), "04820100");
  assert.equal(time(Date.UTC(2049, 11, 31, 23, 59, 59)).toString("latin1", 2), "491231235959Z");
  assert.equal(time(Date.UTC(2050, 0, 1)).toString("latin1", 2), "20500101000000Z");
});

test("what is written is read back", () => {
  const arcs = fc.tuple(
    fc.constantFrom("0.3", "1.2", "2.5", "2.999"),
    fc.array(fc.bigInt({ min: 0n, max: 2n ** 100n }), { maxLength: 3 }),
  );
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 2n ** 160n }),
      arcs,
      fc.uint8Array({ maxLength: 300 }),
      (number, [first, rest], bytes) => {
        const dotted = [first, ...rest].join(".");
        const inner = new DerReader(sequence(integer(number), oid(dotted), octetString(bytes)), "test").inside(
          Tag.sequence,
        );
        assert.equal(BigInt(`0x${inner.positiveInteger()}`), number);
        assert.equal(inner.oid(), dotted);
        assert.deepEqual(hex(inner.read(Tag.octetString).content), hex(bytes));
        inner.end();
      },
    ),
  );
});

test("bits and times are read back", () => {
  const bits = fc.uniqueArray(fc.integer({ min: 0, max: 31 }), { minLength: 1 });
  // 1950 to 2150, whole seconds.
  const seconds = fc.integer({ min: -631_152_000, max: 5_680_281_600 });
  fc.assert(
    fc.property(bits, seconds, (set, second) => {
      assert.deepEqual([...new DerReader(namedBits(set), "test").namedBits()].sort(), [...set].sort());
      assert.equal(new DerReader(time(second * 1000), "test").time(), second * 1000);
    }),
  );
});

for (const [why, bytes] of [
  ["no length", [0x30]],
  ["a length beyond the end", [0x30, 0x01]],
  ["an indefinite length", [0x30, 0x80, 0x00, 0x00]],
  ["a long length that fits in the short form", [0x30, 0x81, 0x01, 0x00]],
  ["a length with a leading zero", [0x30, 0x82, 0x00, 0x80, ...new Array(128).fill(0)]],
  ["a length of five octets", [0x30, 0x85, 0, 0, 0, 0, 1, 0]],
  ["a huge length", [0x30, 0x84, 0xff, 0xff, 0xff, 0xff]],
  ["a tag of two octets", [0x3f, 0x81, 0x01, 0x00]],
] as const) {
  test(`refused: ${why}`, () => {
    assert.throws(() => reader(...bytes).any(), invalid);
  });
}

for (const [why, read] of [
  ["an empty number", () => reader(2, 0).positiveInteger()],
  ["a negative number", () => reader(2, 1, 0x80).positiveInteger()],
  ["a number with a leading zero", () => reader(2, 2, 0, 1).positiveInteger()],
  ["a boolean that is neither", () => reader(1, 1, 1).boolean()],
  ["a boolean of two octets", () => reader(1, 2, 255, 255).boolean()],
  ["an object id that ends in its middle", () => reader(6, 2, 42, 0x86).oid()],
  ["an object id with leading zeros", () => reader(6, 3, 42, 0x80, 0x01).oid()],
  ["an empty object id", () => reader(6, 0).oid()],
  ["bits of no octet", () => reader(3, 0).namedBits()],
  ["unused bits that are set", () => reader(3, 2, 7, 0xff).namedBits()],
  ["eight unused bits", () => reader(3, 2, 8, 0).namedBits()],
  ["a bit string that ends within an octet", () => reader(3, 2, 1, 0).bits()],
  [
    "a month that does not exist",
    () => new DerReader(element(Tag.utcTime, Buffer.from("241301000000Z")), "test").time(),
  ],
  ["a day that does not exist", () => new DerReader(element(Tag.utcTime, Buffer.from("230229000000Z")), "test").time()],
  ["a time without seconds", () => new DerReader(element(Tag.utcTime, Buffer.from("2401010000Z")), "test").time()],
  ["a time zone", () => new DerReader(element(Tag.utcTime, Buffer.from("240101000000+0100")), "test").time()],
  ["a tag in another's place", () => reader(4, 0).read(Tag.sequence)],
  ["something behind the end", () => reader(4, 0).end()],
] as const) {
  test(`refused: ${why}`, () => {
    assert.throws(read, invalid);
  });
}

test("whatever is read, the reader ends, and fails in one way only", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const walk = (at: DerReader, depth: number): void => {
        while (!at.done) {
          const { tag, content } = at.any();
          if ((tag & 0x20) !== 0 && depth < 20) walk(at.into(content), depth + 1);
        }
      };
      try {
        walk(new DerReader(bytes, "test"), 0);
      } catch (error) {
        assert.ok(invalid(error), String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
