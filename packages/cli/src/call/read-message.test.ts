import assert from "node:assert/strict";
import { test } from "node:test";
import type { DescMessage } from "@bufbuild/protobuf";
import { createRegistry } from "@bufbuild/protobuf";
import { CreateOrderRequestSchema } from "@sampan/contracts/order/v1/order_pb.js";
import { BadRequestSchema, ErrorInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { EchoRequestSchema } from "@sampan/testkit";
import { CommandError } from "../command/command-error.js";
import { readMessage } from "./read-message.js";

const registry = createRegistry();
const read = (schema: DescMessage, text: string) =>
  readMessage(schema, { text, line: 3, column: 5 }, "standard input", registry) as unknown as Record<string, unknown>;

test("a message comes from its canonical JSON, with every digit of a large integer", () => {
  assert.equal(read(EchoRequestSchema, '{"number": 9007199254740993}').number, 9007199254740993n);
  assert.equal(read(EchoRequestSchema, '{"number": "9007199254740993"}').number, 9007199254740993n);
  assert.deepEqual(read(EchoRequestSchema, '{"body": "AQI="}').body, new Uint8Array([1, 2]));
});

test("what is wrong is told with line, column, field and reason", () => {
  const cases: readonly (readonly [DescMessage, string, RegExp])[] = [
    [EchoRequestSchema, '{"text": 1}', /^standard input, line 3, column 14: field text: expected string, got 1/],
    [
      EchoRequestSchema,
      '{"text": "a",\n "txt": 1}',
      /line 4, column 2: field txt: sampan.* has no such field; did you mean text\?/,
    ],
    [EchoRequestSchema, '{"text":\n}', /line 4, column 1: this is not JSON: a value is expected, and there is "}"/],
    [EchoRequestSchema, "[]", /line 3, column 5: sampan\.test\.v1\.EchoRequest: /],
    [
      CreateOrderRequestSchema,
      '{"lines": [{"productId": "a"}, {"productId": "b",\n "quantity": "many"}]}',
      /line 4, column 14: field lines\[1\]\.quantity: /,
    ],
    [CreateOrderRequestSchema, '{"paymentMethod": "CASH"}', /column 23: field paymentMethod: .*CASH/],
    [BadRequestSchema, '{"fieldViolations": [{"field": []}]}', /field fieldViolations\[0\]\.field: /],
    [ErrorInfoSchema, '{"metadata": {"a": "b", "c d": 1}}', /column 36: field metadata\["c d"\]: /],
  ];
  for (const [schema, text, expected] of cases) {
    assert.throws(
      () => read(schema, text),
      (error) => {
        assert.ok(error instanceof CommandError && error.status === 2);
        assert.match(error.message, expected);
        return true;
      },
    );
  }
});
