import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Secret } from "../secret.js";
import type { RawForm, Reading, Setting } from "../setting.js";
import { boolean } from "./boolean.js";
import { bytes } from "./bytes.js";
import { choice } from "./choice.js";
import { duration } from "./duration.js";
import { list } from "./list.js";
import { integer, number } from "./number.js";
import { optional } from "./optional.js";
import { secret } from "./secret.js";
import { text } from "./text.js";
import { url } from "./url.js";

const value = <T>(reading: Reading<T>): T | string => ("value" in reading ? reading.value : `! ${reading.problem}`);

describe("kinds of settings", () => {
  it("duration keeps to its range and wants a unit in files", () => {
    const window = duration({ min: "1m", max: "24h" });
    assert.equal(value(window.read("90s", "text")), 90_000);
    assert.equal(value(window.read("59s", "text")), "! is less than 1m");
    assert.equal(value(window.read("25h", "data")), "! is more than 1d");
    assert.equal(value(window.read(90_000, "data")), "! has no unit");
    assert.equal(value(window.read(90_000, "typed")), 90_000);
    assert.equal(value(window.read(-1, "typed")), "! is not a duration");
  });

  it("bytes takes plain numbers everywhere", () => {
    const size = bytes({ max: "1MB" });
    assert.equal(value(size.read(1024, "data")), 1024);
    assert.equal(value(size.read("1024", "text")), 1024);
    assert.equal(value(size.read("1MiB", "text")), "! is more than 1MB");
  });

  it("integer and number take no other notation", () => {
    for (const raw of ["", "1.5", "0x10", "1e3", "NaN", "9007199254740993", null, true, 1.5]) {
      assert.equal(value(integer().read(raw, "text")), "! is not a whole number", String(raw));
    }
    assert.equal(value(integer({ min: 1 }).read("0", "text")), "! is less than 1");
    assert.equal(value(integer().read(" -7 ", "text")), -7);
    assert.equal(value(number().read("0.25", "text")), 0.25);
    assert.equal(value(number().read("Infinity", "text")), "! is not a number");
  });

  it("boolean reads the usual words", () => {
    assert.deepEqual(
      ["true", "YES", "on", "1"].map((raw) => value(boolean().read(raw, "text"))),
      [true, true, true, true],
    );
    assert.deepEqual(
      ["false", "no", "off", "0"].map((raw) => value(boolean().read(raw, "text"))),
      [false, false, false, false],
    );
    assert.equal(value(boolean().read("maybe", "text")), "! is neither true nor false");
  });

  it("text keeps to its pattern, also when that is global, and refuses control characters", () => {
    const name = text({ pattern: /^[a-z]+$/g });
    assert.deepEqual([name.read("abc", "text"), name.read("abc", "text")], [{ value: "abc" }, { value: "abc" }]);
    assert.equal(value(name.read("a1", "text")), "! does not match /^[a-z]+$/g");
    assert.equal(value(text().read("a\nb", "text")), "! has control characters");
    assert.equal(value(text({ minLength: 2 }).read("a", "text")), "! is shorter than 2 characters");
  });

  it("choice suggests what was meant", () => {
    assert.equal(
      value(choice(["memory", "redis"]).read("memroy", "text")),
      "! is not one of the choices; is it memory?",
    );
  });

  it("url keeps to its protocols and hides passwords, also in text that is not a URL", () => {
    const redis = url({ protocols: ["redis", "rediss"] });
    const read = redis.read("redis://me:hush@host:6379/0", "text");
    assert.ok("value" in read);
    assert.equal(redis.show(read.value), "redis://me:***@host:6379/0");
    assert.equal(value(redis.read("http://host", "text")), "! has the protocol http");
    for (const bad of ["redis//me:hush@host", "redis://me:hu@sh@host", "redis://me:hush@", "me:hush@host"]) {
      assert.doesNotMatch(redis.conceal(bad), /hush|hu@|sh@/, bad);
    }
  });

  it("secret gives a value that does not print", () => {
    const read = secret({ minLength: 4 }).read("hush", "text");
    assert.ok("value" in read && read.value instanceof Secret);
    assert.equal(read.value.reveal(), "hush");
    assert.equal(value(secret({ minLength: 5 }).read("hush", "text")), "! is shorter than 5 characters");
  });

  it("list reads commas in text and lists in data", () => {
    const ports = list(integer({ min: 1 }), { maxItems: 3 });
    assert.deepEqual(value(ports.read("1, 2", "text")), [1, 2]);
    assert.deepEqual(value(ports.read([1, "2"], "data")), [1, 2]);
    assert.deepEqual(value(ports.read("", "text")), []);
    assert.equal(value(ports.read([1, 0], "data")), "! has an item 2 that is less than 1");
    assert.equal(value(ports.read([1, 2, 3, 4], "data")), "! has more than 3 items");
    assert.throws(() => list(secret()), TypeError);
  });

  it("optional may be missing, and null in a file says so", () => {
    const maybe = optional(integer());
    assert.deepEqual(maybe.fallback, { value: undefined });
    assert.deepEqual(maybe.read(null, "data"), { value: undefined });
    assert.equal(value(maybe.read("null", "text")), "! is not a whole number");
    assert.deepEqual(optional(integer({ default: 3 })).fallback, { value: 3 });
  });

  it("refuses a default that it would not take", () => {
    assert.throws(() => integer({ default: 5, max: 4 }), {
      message: "the default 5 is more than 4: give a whole number of at most 4",
    });
    assert.throws(() => duration({ default: "5 minutes" }), TypeError);
    assert.throws(() => duration({ min: "soon" }), TypeError);
  });

  it("never throws, whatever is given", () => {
    const all: Setting<unknown>[] = [
      duration(),
      bytes(),
      integer(),
      number(),
      text({ pattern: /x/ }),
      boolean(),
      choice(["a"]),
      url({ protocols: ["http"] }),
      secret(),
      list(integer()),
      optional(url()),
    ];
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom<RawForm>("typed", "data", "text"), (raw, form) => {
        for (const each of all) {
          const reading = each.read(raw, form);
          if ("value" in reading) each.show(reading.value);
        }
      }),
    );
  });
});
