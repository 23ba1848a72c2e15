import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { templateText } from "./template.fixture.js";
import { parseTemplate, rest, type Segment, star } from "./template.js";

const literal = (text: string): Segment => ({ literal: text });

test("parses literals, wildcards, variables and verbs", () => {
  assert.deepEqual(parseTemplate("/v1/orders/{order_id}:cancel"), {
    source: "/v1/orders/{order_id}:cancel",
    segments: [literal("v1"), literal("orders"), star],
    variables: [{ fieldPath: "order_id", start: 2, end: 3, multi: false }],
    verb: "cancel",
  });
  assert.deepEqual(parseTemplate("/v1/{name=shelves/*/books/**}").variables, [
    { fieldPath: "name", start: 1, end: Number.POSITIVE_INFINITY, multi: true },
  ]);
  assert.deepEqual(parseTemplate("/{a.b_c}/*/**").segments, [star, star, rest]);
  assert.deepEqual(parseTemplate("/v1/{x=fixed}").variables, [{ fieldPath: "x", start: 1, end: 2, multi: false }]);
});

for (const [source, why] of [
  ["", '"/" is expected'],
  ["v1", '"/" is expected'],
  ["/", "a segment is missing"],
  ["/v1//x", "a segment is missing"],
  ["/v1/", "a segment is missing"],
  ["/v1:", "a segment is missing"],
  ["/v1/**/x", "** must be the last segment"],
  ["/v1/{x=**}/y", "** must be the last segment"],
  ["/v1/{x={y}}", "variables do not nest"],
  ["/v1/{x", '"}" is expected'],
  ["/v1/{}", '"" is not a field path'],
  ["/v1/{a..b}", '"a..b" is not a field path'],
  ["/v1/{1a}", '"1a" is not a field path'],
  ["/{a}/{a}", "a is bound twice"],
  ["/v1/{a}b", '"b" is not expected here'],
  ["/v1/a:b:c", '":" is not expected here'],
  ["/v1/a b", '" " is not expected here'],
  ["/v1/a?b", '"?" is not expected here'],
  ["/v1/***", '"*" is not expected here'],
] as const) {
  test(`refuses ${JSON.stringify(source)}: ${why}`, () => {
    assert.throws(
      () => parseTemplate(source),
      (error) => error instanceof SyntaxError && error.message.includes(why),
    );
  });
}

test("any template that is written from the grammar parses into its parts", () => {
  fc.assert(
    fc.property(templateText(), ({ text, segments, verb, variables }) => {
      const parsed = parseTemplate(text);
      assert.deepEqual(parsed.segments, segments);
      assert.equal(parsed.verb, verb);
      assert.deepEqual(
        parsed.variables.map((variable) => variable.fieldPath),
        variables,
      );
    }),
  );
});

test("any text either parses or is refused with its position", () => {
  const characters = fc.constantFrom(..."/{}*=:.ab1_% ".split(""));
  fc.assert(
    fc.property(fc.string({ unit: characters, maxLength: 24 }), (text) => {
      try {
        const { segments, variables } = parseTemplate(`/${text}`);
        assert.ok(segments.length > 0);
        for (const { start, end } of variables) assert.ok(start < end);
        assert.ok(!segments.slice(0, -1).includes(rest));
      } catch (error) {
        assert.ok(error instanceof SyntaxError, String(error));
        assert.match(error.message, /\(at \d+\)$/);
      }
    }),
    { numRuns: 2000 },
  );
});
