import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BillDefect, LineSplitter } from "./line-splitter.js";

function split(file: Buffer, cuts: readonly number[], limit = 1000): string[] {
  const splitter = new LineSplitter(limit);
  const lines: string[] = [];
  let from = 0;
  for (const cut of [...cuts.map((cut) => cut % (file.length + 1)).sort((a, b) => a - b), file.length]) {
    // Each piece in memory of its own that is wiped afterwards, as a reader's buffer would be.
    const piece = Buffer.from(file.subarray(from, Math.max(from, cut)));
    lines.push(...splitter.push(piece));
    piece.fill(0);
    from = Math.max(from, cut);
  }
  const rest = splitter.end();
  return rest === undefined ? lines : [...lines, rest];
}

test("lines come out as they went in, wherever the file is cut", () => {
  const line = fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.replace(/[\r\n\uFEFF]/g, "茶"));
  fc.assert(
    fc.property(
      fc.array(line),
      fc.array(fc.nat()),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      (lines, cuts, end, mark) => {
        const file = Buffer.from(`${mark ? "\uFEFF" : ""}${lines.map((text) => text + end).join("")}`);
        const expected = lines.length === 0 && mark ? [""] : lines;
        assert.deepEqual(split(file, cuts), expected);
      },
    ),
  );
});

test("the last line needs no end", () => {
  assert.deepEqual(split(Buffer.from("a\nb"), []), ["a", "b"]);
  assert.deepEqual(split(Buffer.from(""), []), []);
});

test("a line has at most the limit's bytes, also when its end never comes", () => {
  assert.deepEqual(split(Buffer.from(`${"x".repeat(10)}\n`), [], 10), ["x".repeat(10)]);
  assert.throws(() => split(Buffer.from(`${"x".repeat(11)}\n`), [], 10), BillDefect);
  assert.throws(() => split(Buffer.from("x".repeat(11)), [3, 6, 9], 10), BillDefect);
});
