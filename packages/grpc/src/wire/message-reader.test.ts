import assert from "node:assert/strict";
import { test } from "node:test";
import type { Connection, Stream } from "@sampan/h2";
import fc from "fast-check";
import { MessageReader } from "./message-reader.js";

interface Bench {
  readonly reader: MessageReader;
  readonly messages: Buffer[];
  readonly faults: string[];
  /** Octets consumed, held and released, for which every octet given must be accounted. */
  readonly books: { consumed: number; held: number; released: number };
}

function bench(limit: number, budget = Number.POSITIVE_INFINITY): Bench {
  const messages: Buffer[] = [];
  const faults: string[] = [];
  const books = { consumed: 0, held: 0, released: 0 };
  const connection = {
    consume: (_: Stream, octets: number) => void (books.consumed += octets),
    hold: (_: Stream, octets: number) => (books.held += octets) <= budget,
    release: (_: Stream, octets: number) => void (books.released += octets),
  } as unknown as Connection;
  const reader = new MessageReader(connection, {} as Stream, limit, {
    onMessage(input, start, end, _flag, owed, held) {
      messages.push(Buffer.from(input.subarray(start, end)));
      books.consumed += owed;
      books.released += held;
    },
    onOversized: (size) => void faults.push(`oversized ${size}`),
    onOverBudget: () => void faults.push("over budget"),
  });
  return { reader, messages, faults, books };
}

function framed(...bodies: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    bodies.flatMap((body) => {
      const head = Buffer.alloc(5);
      head.writeUInt32BE(body.length, 1);
      return [head, body];
    }),
  );
}

/** Gives octets in the given pieces, each inside a larger buffer that is overwritten afterwards, as sockets do. */
function feed(reader: MessageReader, octets: Buffer, cuts: readonly number[]): void {
  const places = [...new Set(cuts.map((cut) => cut % (octets.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, octets.length]) {
    const chunk = Buffer.concat([Buffer.from("xx"), octets.subarray(from, to), Buffer.from("yy")]);
    reader.take(chunk, 2, 2 + to - from);
    chunk.fill(0xee);
    from = to;
  }
}

test("messages come out as they went in, however they are cut, and every octet is accounted for", () => {
  const bodies = fc.array(
    fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ minLength: 70_000, maxLength: 70_010 })),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(bodies, fc.array(fc.nat(), { maxLength: 12 }), fc.boolean(), (list, cuts, eager) => {
      const { reader, messages, faults, books } = bench(100_000);
      reader.setEager(eager);
      const octets = framed(...list);
      feed(reader, octets, cuts);
      assert.deepEqual(
        messages,
        list.map((body) => Buffer.from(body)),
      );
      assert.deepEqual(faults, []);
      assert.ok(reader.between);
      assert.equal(books.consumed + books.released, octets.length);
      assert.equal(books.held, books.released);
      if (!eager) assert.equal(books.held, 0);
    }),
    { numRuns: 60 },
  );
});

test("a message beyond the limit is announced once, and what follows is dropped and returned", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 6 }), (cuts) => {
      const { reader, messages, faults, books } = bench(100);
      const octets = framed(new Uint8Array(100), new Uint8Array(101), new Uint8Array(5));
      feed(reader, octets, cuts);
      assert.equal(messages.length, 1);
      assert.deepEqual(faults, ["oversized 101"]);
      assert.equal(books.consumed + books.released, octets.length);
    }),
  );
});

test("a length that is a lie costs no more than a first piece", () => {
  const { reader } = bench(2 ** 30);
  const head = Buffer.alloc(6);
  head.writeUInt32BE(2 ** 30, 1);
  const before = process.memoryUsage().arrayBuffers;
  reader.take(head, 0, 6);
  assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
});

test("a spent budget ends the reading", () => {
  const { reader, messages, faults } = bench(1000, 50);
  const octets = framed(new Uint8Array(200));
  for (let at = 0; at < octets.length; at += 20) reader.take(octets, at, Math.min(octets.length, at + 20));
  assert.deepEqual(faults, ["over budget"]);
  assert.equal(messages.length, 0);
});

test("a reader that becomes eager holds what was owed, so that the window opens again", () => {
  const { reader, messages, books } = bench(1000);
  const octets = framed(new Uint8Array(100));
  reader.setEager(false);
  reader.take(octets, 0, 60);
  assert.deepEqual(books, { consumed: 0, held: 0, released: 0 });
  reader.setEager(true);
  assert.equal(books.held, 60);
  reader.take(octets, 60, octets.length);
  assert.equal(messages.length, 1);
  assert.deepEqual(books, { consumed: octets.length - 60, held: 60, released: 60 });
});

test("a message that was assembled fills its buffer, which is not used again", () => {
  const given: Buffer[] = [];
  const whole: boolean[] = [];
  const connection = { consume() {}, hold: () => true, release() {} } as unknown as Connection;
  const reader = new MessageReader(connection, {} as Stream, 1 << 24, {
    onMessage(input, start, end) {
      whole.push(start === 0 && end === input.length);
      given.push(input);
    },
    onOversized: () => assert.fail(),
    onOverBudget: () => assert.fail(),
  });
  const sizes = [10, 65_536, 65_537, 300_000, 1 << 20, 1_100_000, 3_000_000];
  for (const size of sizes) {
    const octets = framed(new Uint8Array(size).fill(size & 0x7f));
    for (let at = 0; at < octets.length; at += 9000)
      reader.take(Buffer.from(octets.subarray(at, at + 9000)), 0, Math.min(9000, octets.length - at));
  }
  // The first fits its chunk, and lies behind its prefix there.
  assert.deepEqual(whole, [false, true, true, true, true, true, true]);
  for (const [i, size] of sizes.entries()) {
    if (i > 0)
      assert.ok(
        given[i]?.every((octet) => octet === (size & 0x7f)),
        String(size),
      );
  }
});
