import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { BadRequestSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { RuledRequestSchema } from "@sampan/testkit";
import fc from "fast-check";
import type { RpcError } from "../rpc-error.js";
import { compileRules } from "./compile.js";
import { Violations } from "./violations.js";

const check = compileRules(RuledRequestSchema);

function problemsOf(message: unknown, limit = 1000): Set<string> {
  const found = new Violations(limit);
  check?.(message, found);
  const violations = found.error().findDetail(BadRequestSchema)?.fieldViolations ?? [];
  return new Set(violations.map(({ field, reason }) => `${field} ${reason}`));
}

const line = fc.record({ productId: fc.constantFrom("", "p"), quantity: fc.integer({ min: -1, max: 3 }) });
const request = fc.record({
  name: fc.string({ unit: fc.constantFrom("a", "茶", "🍵"), maxLength: 8 }),
  proof: fc.uint8Array({ maxLength: 6 }),
  quantity: fc.integer({ min: -2, max: 102 }),
  amount: fc.bigInt({ min: -10n, max: 10n }),
  share: fc.double({ min: -1, max: 2 }),
  lines: fc.array(line, { maxLength: 5 }),
  tags: fc.array(fc.constantFrom("ok", "NO", ""), { maxLength: 3 }),
  byName: fc.dictionary(fc.constantFrom("a", "b", "c"), line),
  priority: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
});

/** The same rules, written by hand. */
function expected(value: ReturnType<typeof create<typeof RuledRequestSchema>>): Set<string> {
  const problems = new Set<string>();
  const when = (broken: boolean, problem: string): void => {
    if (broken) problems.add(problem);
  };
  const lineProblems = (at: string, { productId, quantity }: { productId: string; quantity: number }): void => {
    when(productId === "", `${at}.productId REQUIRED`);
    when(quantity < 1, `${at}.quantity MIN`);
  };
  const characters = [...value.name].length;
  when(characters === 0, "name REQUIRED");
  when(characters === 1, "name MIN_LEN");
  when(characters > 5, "name MAX_LEN");
  when(!/^[a-z]+-[0-9]+$/.test(value.skuCode), "skuCode PATTERN");
  when(value.proof.length < 2, "proof MIN_LEN");
  when(value.proof.length > 4, "proof MAX_LEN");
  when(value.quantity < 1, "quantity MIN");
  when(value.quantity > 99, "quantity MAX");
  when(value.amount < -5n, "amount MIN");
  when(Number.isNaN(value.share) || value.share < 0, "share MIN");
  when(value.share > 1, "share MAX");
  when(value.access === 0, "access REQUIRED");
  when(value.firstLine === undefined, "firstLine REQUIRED");
  when(value.lines.length === 0, "lines REQUIRED");
  if (value.lines.length > 3) problems.add("lines MAX_ITEMS");
  else for (const [i, each] of value.lines.entries()) lineProblems(`lines[${i}]`, each);
  const names = Object.entries(value.byName);
  if (names.length > 2) problems.add("byName MAX_ITEMS");
  else for (const [name, each] of names) lineProblems(`byName["${name}"]`, each);
  when(value.tags.length === 0, "tags MIN_ITEMS");
  for (const [i, tag] of value.tags.entries()) when(tag === "NO", `tags[${i}] PATTERN`);
  when(value.priority === 0, "priority MIN");
  when(value.note === undefined, "note REQUIRED");
  return problems;
}

test("finds exactly what rules written by hand find", () => {
  fc.assert(
    fc.property(request, (init) => {
      const { priority, ...rest } = init;
      const message = create(RuledRequestSchema, priority === undefined ? rest : { ...rest, priority });
      assert.deepEqual(problemsOf(message), expected(message));
    }),
    { numRuns: 500 },
  );
});

test("finds the same in a message and in its encoding", () => {
  fc.assert(
    fc.property(request, ({ priority, ...rest }) => {
      const message = create(RuledRequestSchema, rest);
      const read = fromBinary(RuledRequestSchema, toBinary(RuledRequestSchema, message));
      assert.deepEqual(problemsOf(read), problemsOf(message));
    }),
    { numRuns: 200 },
  );
});

test("a limit cuts the list and never changes whether there is one", () => {
  fc.assert(
    fc.property(request, fc.integer({ min: 1, max: 5 }), ({ priority, ...rest }, limit) => {
      const message = create(RuledRequestSchema, rest);
      const all = [...problemsOf(message)];
      assert.deepEqual([...problemsOf(message, limit)], all.slice(0, limit));
    }),
    { numRuns: 200 },
  );
});

test("ten thousand bad lines end the check at the limit", () => {
  const found = new Violations(20);
  const lines = Array.from({ length: 10_000 }, () => ({ productId: "", quantity: -1 }));
  check?.(create(RuledRequestSchema, { lines }), found);
  const error: RpcError = found.error();
  assert.ok(error.message.length < 300, error.message);
});
