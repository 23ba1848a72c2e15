import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HeaderList } from "../headers/header-list.js";
import { block } from "../testing/frames.fixture.js";
import { HpackDecoder } from "./decoder.js";
import { HpackEncoder } from "./encoder.js";
import { huffmanDecode, maxDecodedLength } from "./huffman-decode.js";
import { huffmanEncode, huffmanLength } from "./huffman-encode.js";
import { MAX_INTEGER, readInteger, writeInteger } from "./integer.js";

function decode(decoder: HpackDecoder, octets: Buffer): { fields: string[]; fault: string } {
  const list = new HeaderList(1 << 20);
  const fault = decoder.decode(octets, 0, octets.length, list);
  const pseudo = (["method", "scheme", "path", "authority"] as const).flatMap((name) =>
    list[name] === "" ? [] : [`:${name}`, list[name]],
  );
  const status = list.status === 0 ? [] : [":status", String(list.status)];
  return { fields: [...status, ...pseudo, ...list.fields], fault };
}

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ""), "hex");

test("integers: the RFC 7541 C.1 examples", () => {
  const out = Buffer.alloc(8);
  assert.equal(writeInteger(out, 0, 10, 0x1f, 0), 1);
  assert.equal(out[0], 10);
  assert.equal(writeInteger(out, 0, 1337, 0x1f, 0), 3);
  assert.deepEqual([...out.subarray(0, 3)], [31, 154, 10]);
  assert.equal(readInteger(out, { at: 0 }, 3, 0x1f), 1337);
});

test("integers: every value survives every prefix, and a cut or oversized one is refused", () => {
  fc.assert(
    fc.property(fc.nat(MAX_INTEGER), fc.integer({ min: 1, max: 8 }), (value, bits) => {
      const out = Buffer.alloc(8);
      const mask = (1 << bits) - 1;
      const end = writeInteger(out, 0, value, mask, 0);
      const cursor = { at: 0 };
      assert.equal(readInteger(out, cursor, end, mask), value);
      assert.equal(cursor.at, end);
      if (end > 1) assert.equal(readInteger(out, { at: 0 }, end - 1, mask), -1);
    }),
  );
  assert.equal(readInteger(hex("1fffffffffffffffff7f"), { at: 0 }, 10, 0x1f), -1);
  assert.equal(readInteger(hex("1f8080808080808000"), { at: 0 }, 9, 0x1f), -1);
});

test("huffman: the RFC 7541 C.4 and C.6 strings", () => {
  const cases: [string, string][] = [
    ["www.example.com", "f1e3c2e5f23a6ba0ab90f4ff"],
    ["no-cache", "a8eb10649cbf"],
    ["custom-value", "25a849e95bb8e8b4bf"],
    ["302", "6402"],
    ["Mon, 21 Oct 2013 20:13:21 GMT", "d07abe941054d444a8200595040b8166e082a62d1bff"],
  ];
  for (const [text, encoded] of cases) {
    const out = Buffer.alloc(64);
    assert.equal(out.toString("hex", 0, huffmanEncode(text, out, 0)), encoded);
    const decoded = Buffer.alloc(64);
    const input = hex(encoded);
    assert.equal(decoded.toString("latin1", 0, huffmanDecode(input, 0, input.length, decoded)), text);
  }
});

test("huffman: any octets survive, and the length is known beforehand", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
      const text = Buffer.from(octets).toString("latin1");
      const out = Buffer.alloc(text.length * 4 + 8);
      const length = huffmanEncode(text, out, 0);
      assert.equal(length, huffmanLength(text));
      const decoded = Buffer.alloc(maxDecodedLength(length));
      assert.equal(decoded.toString("latin1", 0, huffmanDecode(out, 0, length, decoded)), text);
    }),
  );
});

test("huffman: EOS, long padding and padding of zeros are refused", () => {
  const out = Buffer.alloc(64);
  for (const bad of ["ffffffff", "f1e3c2e5f23a6ba0ab90f4ffff", "18"]) {
    assert.equal(huffmanDecode(hex(bad), 0, bad.length / 2, out), -1, bad);
  }
});

test("huffman: decoding any octets never writes past the promised length", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      const out = Buffer.alloc(maxDecodedLength(octets.length));
      assert.ok(huffmanDecode(octets, 0, octets.length, out) <= out.length);
    }),
  );
});

test("decoder: the RFC 7541 C.4 requests on one connection, with the table as described there", () => {
  const decoder = new HpackDecoder(4096);
  assert.deepEqual(decode(decoder, hex("828684418cf1e3c2e5f23a6ba0ab90f4ff")).fields, [
    ":method",
    "GET",
    ":scheme",
    "http",
    ":path",
    "/",
    ":authority",
    "www.example.com",
  ]);
  assert.equal(decoder.table.size, 57);
  assert.deepEqual(decode(decoder, hex("828684be5886a8eb10649cbf")).fields.slice(-2), ["cache-control", "no-cache"]);
  assert.equal(decoder.table.size, 110);
  assert.deepEqual(decode(decoder, hex("828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf")).fields.slice(-2), [
    "custom-key",
    "custom-value",
  ]);
  assert.equal(decoder.table.size, 164);
});

test("decoder: the RFC 7541 C.6 responses evict as described there", () => {
  const decoder = new HpackDecoder(256);
  decode(
    decoder,
    hex("488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3"),
  );
  assert.equal(decoder.table.size, 222);
  decode(decoder, hex("4883640effc1c0bf"));
  assert.equal(decoder.table.size, 222);
  const third = decode(
    decoder,
    hex(
      "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
    ),
  );
  assert.equal(third.fault, "");
  assert.equal(decoder.table.size, 215);
  assert.equal(third.fields.at(-1), "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1");
});

test("decoder: wrong blocks are faults, not exceptions", () => {
  const cases: [string, RegExp][] = [
    ["80", /index/],
    ["be", /index/],
    ["3fe21f", /advertised/],
    ["8220", /after a field/],
    ["40", /literal/],
    ["4085ff", /literal/],
    ["7f", /index/],
  ];
  for (const [octets, fault] of cases) assert.match(decode(new HpackDecoder(4096), hex(octets)).fault, fault, octets);
});

test("decoder: after we shrank the table the next block must begin with an update", () => {
  const decoder = new HpackDecoder(4096);
  decoder.advertise(100);
  assert.match(decode(decoder, hex("82")).fault, /missing/);
  const other = new HpackDecoder(4096);
  other.advertise(100);
  assert.equal(decode(other, hex("3f4582")).fault, "");
});

const fieldArbitrary = fc.tuple(
  fc.constantFrom("content-type", "x-a", "x-b", "grpc-timeout", "user-agent", "accept", "authorization", "x-long-name"),
  fc.string({ unit: fc.constantFrom(..."abcXYZ019-/. ;="), maxLength: 60 }).map((text) => text.trim()),
);

test("encoder and decoder agree over any sequence of blocks and table sizes", () => {
  const step = fc.oneof(
    fc.record({ fields: fc.array(fieldArbitrary, { maxLength: 8 }), unique: fc.boolean() }),
    fc.record({ tableSize: fc.nat(4096) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const encoder = new HpackEncoder();
      const decoder = new HpackDecoder(4096);
      for (const each of steps) {
        if ("tableSize" in each) {
          encoder.allow(each.tableSize);
          decoder.advertise(each.tableSize);
          continue;
        }
        const fields = each.fields.flat();
        const out = Buffer.alloc(HpackEncoder.room(fields));
        const plain = each.unique && !encoder.mustUpdate;
        const end = plain ? encoder.encodeUnique(fields, out, 0) : encoder.encode(fields, out, 0);
        assert.ok(end <= out.length);
        const decoded = decode(decoder, out.subarray(0, end));
        assert.equal(decoded.fault, "");
        assert.deepEqual(decoded.fields, fields);
        assert.ok(decoder.table.size <= decoder.table.maxSize);
      }
    }),
  );
});

test("decoder: any octets give fields or a fault, and the table stays inside its bound", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 10 }), (blocks) => {
      const decoder = new HpackDecoder(512);
      for (const octets of blocks) {
        if (decode(decoder, Buffer.from(octets)).fault !== "") break;
        assert.ok(decoder.table.size <= 512);
      }
    }),
    { numRuns: 300 },
  );
});

test("encoder: constant headers become a few octets and stop changing the table", () => {
  const encoder = new HpackEncoder();
  const fields = [":status", "200", "content-type", "application/grpc", "x-tenant", "shop"];
  block(encoder, fields);
  const epoch = encoder.epoch;
  assert.equal(block(encoder, fields).length, 3);
  assert.equal(encoder.epoch, epoch);
});

test("encoder: the table is never made to evict, so one noisy caller cannot unsettle the others", () => {
  const encoder = new HpackEncoder();
  block(encoder, ["content-type", "application/grpc"]);
  for (let i = 0; i < 500; i++) block(encoder, ["x-noise", `${i}-${"n".repeat(40)}`]);
  assert.equal(block(encoder, ["content-type", "application/grpc"]).length, 1);
});

test("encoder: credentials are never-indexed literals and never enter the table", () => {
  const encoder = new HpackEncoder();
  const octets = block(encoder, ["authorization", "Bearer secret"]);
  assert.equal((octets[0] as number) & 0xf0, 0x10);
  assert.equal(encoder.epoch, 0);
});
