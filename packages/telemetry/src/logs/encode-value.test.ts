import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, CoreErrors, Metadata, RpcError } from "@sampan/core";
import fc from "fast-check";
import { encodeFields, encodeLimits, encodeValue } from "./encode-value.js";
import { redactionOf } from "./redaction.js";

const redaction = redactionOf(["birthday"]);
const parsed = (value: unknown): unknown => JSON.parse(encodeValue(value, redaction));

describe("encoding values for a log line", () => {
  it("keeps what JSON has and says the rest in words", () => {
    const circle: Record<string, unknown> = { name: "a" };
    circle.self = { circle };
    const cases: [unknown, unknown][] = [
      [
        { a: 1, b: [true, null, "x"], c: undefined },
        { a: 1, b: [true, null, "x"] },
      ],
      [12345678901234567890n, "12345678901234567890"],
      [
        [Number.NaN, Number.POSITIVE_INFINITY, undefined],
        ["NaN", "Infinity", null],
      ],
      [new Date(0), "1970-01-01T00:00:00.000Z"],
      [new Date(Number.NaN), "[invalid date]"],
      [
        new Map<unknown, unknown>([
          ["k", 1],
          [2, new Set([3])],
        ]),
        { k: 1, "2": [3] },
      ],
      [Buffer.from("hello"), "[5 bytes: 68656c6c6f]"],
      [new Uint8Array(1000), `[1000 bytes: ${"00".repeat(16)}…]`],
      [
        { f() {}, s: Symbol("x") },
        { f: "[function]", s: "[symbol]" },
      ],
      [circle, { name: "a", self: { circle: "[circular]" } }],
      [Promise.resolve(1), "[promise]"],
      [{ toJSON: () => ({ a: 1n }) }, { a: "1" }],
      [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ];
    for (const [value, expected] of cases) assert.deepEqual(parsed(value), expected);
  });

  it("tells of an error with its chain of causes", () => {
    const root = Object.assign(new Error("refused"), { code: "ECONNREFUSED", port: 5432 });
    const error = new RpcError(Code.Unavailable, "no store", { cause: new Error("connect", { cause: root }) });
    const said = parsed(error) as Record<string, unknown>;
    assert.equal(said.name, "RpcError");
    assert.equal(said.code, "Unavailable");
    assert.match(said.stack as string, /encode-value\.test/);
    assert.equal((said.cause as { message: string }).message, "connect");
    const deepest = (said.cause as { cause: Record<string, unknown> }).cause;
    assert.deepEqual([deepest.message, deepest.code, deepest.port], ["refused", "ECONNREFUSED", 5432]);
  });

  it("tells of a registered error with reason, parameters and the kinds of its details", () => {
    const said = parsed(CoreErrors.UNIMPLEMENTED({ method: "/a.B/C" })) as Record<string, unknown>;
    assert.equal(said.reason, "core/UNIMPLEMENTED");
    assert.deepEqual(said.parameters, { method: "/a.B/C" });
    assert.deepEqual(said.details, ["google.rpc.ErrorInfo"]);
  });

  it("tells of an aggregate and survives an error that causes itself", () => {
    const both = parsed(new AggregateError([new Error("a"), new Error("b")], "both")) as {
      errors: { message: string }[];
    };
    assert.deepEqual(
      both.errors.map((each) => each.message),
      ["a", "b"],
    );
    const self = new Error("self");
    self.cause = self;
    assert.equal((parsed(self) as { cause: unknown }).cause, "[circular]");
  });

  it("hides the values of keys that are to be hidden, at any depth and in any spelling", () => {
    const value = {
      password: "hush",
      nested: [
        { "API-Key": "hush", access_token: { deep: "hush" }, PHONE: "hush", phone_number: "hush", Birthday: "hush" },
      ],
      map: new Map([["Authorization", "hush"]]),
      metadata: Metadata.of({ cookie: "hush", "x-ok": "fine" }),
      url: new URL("redis://me:hush@host"),
    };
    const json = encodeValue(value, redaction);
    assert.doesNotMatch(json, /hush/);
    assert.match(json, /fine/);
  });

  it("bounds length, depth, items and the whole", () => {
    assert.match(parsed("x".repeat(100_000)) as string, /^x{8192}…\[91808 more\]$/);
    assert.equal((parsed(Array.from({ length: 1000 }, () => 0)) as unknown[]).at(-1), "[900 more]");
    assert.equal((parsed(new Set(Array.from({ length: 1000 }, (_, i) => i))) as unknown[]).at(-1), "[901 more]");
    const wide = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`k${i}`, i]));
    assert.equal((parsed(wide) as Record<string, unknown>)["…"], "[900 more]");
    let deep: unknown = "end";
    for (let i = 0; i < 100; i++) deep = { deep };
    assert.match(encodeValue(deep, redaction), /too deep/);
    const bushy = (depth: number): unknown =>
      depth === 0 ? "leaf".repeat(100) : Array.from({ length: 50 }, () => bushy(depth - 1));
    assert.ok(encodeValue(bushy(3), redaction).length < 2 * encodeLimits.total);
  });

  it("survives objects that fight back", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const hostile = {
      get boom(): never {
        throw new Error("no");
      },
      toJSON: undefined,
    };
    assert.deepEqual(parsed(hostile), { boom: "[threw: no]" });
    assert.match(encodeValue(proxy, redaction), /threw/);
    assert.match(
      encodeValue(
        {
          toJSON: () => {
            throw new Error("never");
          },
        },
        redaction,
      ),
      /\[threw: never\]/,
    );
    assert.deepEqual(encodeFields({ a: undefined, b: 1, token: "hush" }, redaction), [
      ["b", "1"],
      ["token", '"***"'],
    ]);
  });

  it("gives one line of JSON for anything", () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withNullPrototype: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        const json = encodeValue(value, redaction);
        JSON.parse(json);
        return !/[\p{Cc}\u2028\u2029]/u.test(json);
      }),
    );
  });
});
