import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { formatBytes, parseBytes } from "./bytes.js";

describe("amounts of data", () => {
  it("reads decimal and binary units in any case", () => {
    const cases = { "512": 512, "512B": 512, "1kb": 1000, "1KiB": 1024, "1MB": 1_000_000, "1.5mib": 1_572_864, "0": 0 };
    for (const [text, size] of Object.entries(cases)) assert.equal(parseBytes(text), size, text);
  });

  it("refuses fractions of a byte, unknown units and more than a safe integer", () => {
    for (const text of ["", "MB", "-1MB", "1.5", "0.0001KB", "1XB", "1 MB", "9999999999999TB", "1e3"]) {
      assert.equal(parseBytes(text), undefined, text);
    }
  });

  it("reads back what it writes", () => {
    fc.assert(fc.property(fc.maxSafeNat(), (bytes) => parseBytes(formatBytes(bytes)) === bytes));
  });

  it("never throws, and gives whole bytes or nothing", () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^\d{1,17}(\.\d{1,4})?[kKmMgGtT]?i?[bB]?$/));
    fc.assert(
      fc.property(text, (each) => {
        const bytes = parseBytes(each);
        return bytes === undefined || (Number.isSafeInteger(bytes) && bytes >= 0);
      }),
    );
  });
});
