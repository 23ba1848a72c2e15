import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { BadRequestSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { Access } from "@sampan/protos/sampan/v1/options_pb.js";
import {
  BadItemsSchema,
  BadLengthSchema,
  BadlyRuledService,
  BadPatternSchema,
  BadRangeSchema,
  EchoRequestSchema,
  MisplacedItemsSchema,
  MisplacedPatternSchema,
  MisplacedRangeSchema,
  NestedSchema,
  RuledRequestSchema,
  RuledService,
  TreeSchema,
  WrapperSchema,
} from "@sampan/testkit";
import type { Call } from "../call.js";
import { CoreErrors } from "../core-errors.js";
import type { Handler } from "../handler.js";
import { type Method, methods } from "../method.js";
import { RpcError } from "../rpc-error.js";
import { compileRules } from "./compile.js";
import { type ValidationOptions, validation } from "./index.js";

const call = {} as Call;
const valid = {
  name: "tea",
  skuCode: "tea-1",
  proof: Uint8Array.of(1, 2),
  quantity: 1,
  access: Access.PUBLIC,
  firstLine: { productId: "p", quantity: 1 },
  lines: [{ productId: "p", quantity: 1 }],
  tags: ["green"],
  note: "n",
} satisfies MessageInitShape<typeof RuledRequestSchema>;

/** `field REASON` of every violation, in the order found. */
function violationsOf(change: MessageInitShape<typeof RuledRequestSchema>, options?: ValidationOptions): string[] {
  const handler = validation(options)(() => "passed", method("Check"));
  try {
    assert.equal(handler(create(RuledRequestSchema, { ...valid, ...change } as typeof change), call), "passed");
    return [];
  } catch (thrown) {
    assert.ok(CoreErrors.INVALID_REQUEST.is(thrown), `${thrown}`);
    const violations = thrown.findDetail(BadRequestSchema)?.fieldViolations ?? [];
    for (const { field, description } of violations.slice(0, 3)) {
      assert.ok(description !== "" && thrown.message.includes(`${field} ${description}`), thrown.message);
    }
    return violations.map(({ field, reason }) => `${field} ${reason}`);
  }
}

function method(name: string): Method {
  return methods(RuledService).find((each) => each.name === name) as Method;
}

describe("validation", () => {
  test("lets a valid request through as it is", () => {
    const message = create(RuledRequestSchema, valid);
    let seen: unknown;
    const handler = validation()((request) => {
      seen = request;
    }, method("Check"));
    handler(message, call);
    assert.equal(seen, message);
  });

  test("required, of every kind of field; what is missing is not also too short", () => {
    const { firstLine, note, ...rest } = valid;
    const handler = validation()(() => "passed", method("Check"));
    const bare = create(RuledRequestSchema, { ...rest, name: "", access: 0, lines: [] });
    assert.throws(
      () => handler(bare, call),
      (error: RpcError) => {
        const violations = error.findDetail(BadRequestSchema)?.fieldViolations ?? [];
        assert.deepEqual(
          violations.map(({ field, reason }) => `${field} ${reason}`),
          ["name REQUIRED", "access REQUIRED", "firstLine REQUIRED", "lines REQUIRED", "note REQUIRED"],
        );
        return true;
      },
    );
    assert.deepEqual(violationsOf({ note: "" }), ["note REQUIRED"]);
  });

  test("lengths count characters, not UTF-16 units; bytes count bytes", () => {
    assert.deepEqual(violationsOf({ name: "🍵🍵🍵🍵🍵" }), []);
    assert.deepEqual(violationsOf({ name: "🍵🍵🍵🍵🍵🍵" }), ["name MAX_LEN"]);
    assert.deepEqual(violationsOf({ name: "🍵" }), ["name MIN_LEN"]);
    assert.deepEqual(violationsOf({ name: "a" }), ["name MIN_LEN"]);
    assert.deepEqual(violationsOf({ name: "abcdef" }), ["name MAX_LEN"]);
    assert.deepEqual(violationsOf({ proof: new Uint8Array(1) }), ["proof MIN_LEN"]);
    assert.deepEqual(violationsOf({ proof: new Uint8Array(5) }), ["proof MAX_LEN"]);
  });

  test("limits of numbers are inclusive: 32-bit, 64-bit, floating", () => {
    assert.deepEqual(violationsOf({ quantity: 1, amount: -5n, share: 0 }), []);
    assert.deepEqual(violationsOf({ quantity: 99, amount: 1_000_000_000_000_000n, share: 1 }), []);
    assert.deepEqual(violationsOf({ quantity: 0 }), ["quantity MIN"]);
    assert.deepEqual(violationsOf({ quantity: 100 }), ["quantity MAX"]);
    assert.deepEqual(violationsOf({ amount: -6n }), ["amount MIN"]);
    assert.deepEqual(violationsOf({ amount: 1_000_000_000_000_001n }), ["amount MAX"]);
    assert.deepEqual(violationsOf({ serial: 9_000_000_000_000_000_001n }), ["serial MAX"]);
    assert.deepEqual(violationsOf({ serial: 18_446_744_073_709_551_615n }), ["serial MAX"]);
    assert.deepEqual(violationsOf({ share: 1.0000001 }), ["share MAX"]);
    assert.deepEqual(violationsOf({ share: Number.NEGATIVE_INFINITY }), ["share MIN"]);
    assert.deepEqual(violationsOf({ share: Number.NaN }), ["share MIN"]);
  });

  test("a pattern must match the whole text, of several lines too", () => {
    assert.deepEqual(violationsOf({ skuCode: "x-tea-1" }), ["skuCode PATTERN"]);
    assert.deepEqual(violationsOf({ skuCode: "tea-1\n" }), ["skuCode PATTERN"]);
    assert.deepEqual(violationsOf({ skuCode: "tea-1\ntea-1" }), ["skuCode PATTERN"]);
    assert.deepEqual(violationsOf({ skuCode: "" }), ["skuCode PATTERN"]);
  });

  test("paths: nested messages, lists, maps by their keys, in JSON's spelling", () => {
    const bad = { productId: "", quantity: 0 };
    assert.deepEqual(violationsOf({ firstLine: { productId: "p", quantity: 1, parent: { productId: "p" } } }), [
      "firstLine.parent.quantity MIN",
    ]);
    assert.deepEqual(violationsOf({ lines: [valid.lines[0], bad] as never }), [
      "lines[1].productId REQUIRED",
      "lines[1].quantity MIN",
    ]);
    assert.deepEqual(violationsOf({ byName: { 'a "b"': bad as never } }), [
      'byName["a \\"b\\""].productId REQUIRED',
      'byName["a \\"b\\""].quantity MIN',
    ]);
    assert.deepEqual(violationsOf({ labels: { 1: "ok", [-7]: "too long" } }), ["labels[-7] MAX_LEN"]);
    assert.deepEqual(violationsOf({ tags: ["ok", "NO"] }), ["tags[1] PATTERN"]);
    const [long] = violationsOf({ byName: { ["k".repeat(5000)]: bad as never } });
    assert.ok((long as string).length < 120);
  });

  test("entries: too few, too many, and then no look at each", () => {
    const bad = { productId: "" } as never;
    assert.deepEqual(violationsOf({ lines: [bad, bad, bad, bad] }), ["lines MAX_ITEMS"]);
    assert.deepEqual(violationsOf({ tags: [] }), ["tags MIN_ITEMS"]);
    assert.deepEqual(violationsOf({ byName: { a: bad, b: bad, c: bad } }), ["byName MAX_ITEMS"]);
  });

  test("what is not set has no rules: messages, optional fields, the other cases of a oneof", () => {
    assert.deepEqual(violationsOf({ choice: { case: undefined } }), []);
    assert.deepEqual(violationsOf({ choice: { case: "byCode", value: "ab" } }), ["byCode MIN_LEN"]);
    assert.deepEqual(violationsOf({ choice: { case: "byLine", value: { productId: "p" } as never } }), [
      "byLine.quantity MIN",
    ]);
    assert.deepEqual(violationsOf({ priority: 0 }), ["priority MIN"]);
    assert.deepEqual(violationsOf({ free: { text: "anything" } }), []);
  });

  test("all violations are collected, up to the limit", () => {
    const lines = [{ productId: "" }, { productId: "" }, { productId: "" }] as never;
    assert.equal(violationsOf({ name: "", quantity: 0, lines }).length, 8);
    assert.deepEqual(violationsOf({ name: "", quantity: 0, lines }, { maxViolations: 3 }), [
      "name REQUIRED",
      "quantity MIN",
      "lines[0].productId REQUIRED",
    ]);
    const error = new Map<string, string>();
    try {
      validation()(() => {}, method("Check"))(create(RuledRequestSchema, { ...valid, lines, name: "" }), call);
    } catch (thrown) {
      error.set("message", (thrown as RpcError).message);
    }
    assert.match(error.get("message") ?? "", /^the request is not valid: name is required; .*; and 4 more$/);
  });

  test("messages without rules at any depth cost nothing; those with rules below are walked", () => {
    const next: Handler = () => {};
    assert.equal(validation()(next, method("Free")), next);
    assert.equal(compileRules(TreeSchema), undefined);
    assert.equal(compileRules(EchoRequestSchema), undefined);
    const wrapped = create(WrapperSchema, { next: { next: { lines: [{ productId: "p" }] } } });
    const handler = validation()(next, { ...method("Check"), input: WrapperSchema });
    assert.throws(() => handler(wrapped, call), /next\.next\.lines\[0\]\.quantity must be at least 1/);
  });

  test("a stream is checked message by message", async () => {
    const seen: string[] = [];
    const handler = validation()(async (requests: AsyncIterable<{ name: string }>) => {
      for await (const { name } of requests) seen.push(name);
    }, method("CheckAll"));
    let returned = false;
    async function* requests(): AsyncGenerator<unknown> {
      try {
        yield create(RuledRequestSchema, valid);
        yield create(RuledRequestSchema, { ...valid, name: "" });
        yield create(RuledRequestSchema, valid);
      } finally {
        returned = true;
      }
    }
    await assert.rejects(handler(requests(), call) as Promise<unknown>, (error) =>
      CoreErrors.INVALID_REQUEST.is(error),
    );
    assert.deepEqual(seen, ["tea"]);
    assert.ok(returned);
  });

  for (const [schema, field, problem] of [
    [BadPatternSchema, "BadPattern.code", /does not compile/],
    [BadLengthSchema, "BadLength.code", /min_len is 3, more than max_len, which is 2/],
    [BadRangeSchema, "BadRange.quantity", /min is 3, more than max, which is 2/],
    [BadItemsSchema, "BadItems.tags", /min_items is 3/],
    [MisplacedRangeSchema, "MisplacedRange.code", /for numbers/],
    [MisplacedItemsSchema, "MisplacedItems.quantity", /for lists and maps/],
    [MisplacedPatternSchema, "MisplacedPattern.quantity", /for strings/],
    [NestedSchema, "BadRange.quantity", /more than/],
  ] as const) {
    test(`${schema.name}: a rule that cannot be fails at the start and names its field`, () => {
      const compile = (): unknown => compileRules(schema);
      assert.throws(compile, TypeError);
      assert.throws(compile, problem);
      assert.throws(compile, (error: Error) => error.message.includes(`sampan.test.v1.${field} `));
    });
  }

  test("the layer itself fails at the start", () => {
    const [check] = methods(BadlyRuledService) as [Method];
    assert.throws(() => validation()(() => {}, check), TypeError);
  });

  test("an RpcError of the handler is left alone", () => {
    const handler = validation()(() => {
      throw new RpcError(5, "no tea");
    }, method("Check"));
    assert.throws(() => handler(create(RuledRequestSchema, valid), call), { message: "no tea" });
  });
});
