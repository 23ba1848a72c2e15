import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { Code, CoreErrors, defineErrors, detail, RpcError } from "@sampan/core";
import { DebugInfoSchema, RetryInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { contractOf, thingDesc } from "../testing/contract.fixture.js";
import { type World, worldOf } from "../testing/world.fixture.js";

const contract = contractOf({ Get: { http: { pattern: { case: "get", value: "/thing" } } } });
const TestErrors = defineErrors("gateway-test", {
  OUT_OF_TEA: { code: Code.FailedPrecondition, message: "no {kind} left", fix: "drink water" },
});

let world: World;
let thrown: unknown;
before(async () => {
  world = await worldOf([contract], {
    serve: () => {
      throw thrown;
    },
  });
});
after(() => world.close());

async function answerTo(
  error: unknown,
): Promise<{ response: Response; body: { code: number; status: string; message: string; details: unknown[] } }> {
  thrown = error;
  const response = await world.fetch("/thing");
  return { response, body: (await response.json()) as never };
}

const table: readonly (readonly [keyof typeof Code, number, string])[] = [
  ["Canceled", 499, "CANCELLED"],
  ["Unknown", 500, "UNKNOWN"],
  ["InvalidArgument", 400, "INVALID_ARGUMENT"],
  ["DeadlineExceeded", 504, "DEADLINE_EXCEEDED"],
  ["NotFound", 404, "NOT_FOUND"],
  ["AlreadyExists", 409, "ALREADY_EXISTS"],
  ["PermissionDenied", 403, "PERMISSION_DENIED"],
  ["ResourceExhausted", 429, "RESOURCE_EXHAUSTED"],
  ["FailedPrecondition", 400, "FAILED_PRECONDITION"],
  ["Aborted", 409, "ABORTED"],
  ["OutOfRange", 400, "OUT_OF_RANGE"],
  ["Unimplemented", 501, "UNIMPLEMENTED"],
  ["Internal", 500, "INTERNAL"],
  ["Unavailable", 503, "UNAVAILABLE"],
  ["DataLoss", 500, "DATA_LOSS"],
  ["Unauthenticated", 401, "UNAUTHENTICATED"],
];
for (const [name, status, text] of table) {
  test(`${name} is HTTP ${status} and ${text}`, async () => {
    const { response, body } = await answerTo(new RpcError(Code[name], "why"));
    assert.deepEqual([response.status, body.code, body.status], [status, Code[name], text]);
  });
}

test("details are JSON with their type first", async () => {
  const { body } = await answerTo(TestErrors.OUT_OF_TEA({ kind: "oolong" }));
  assert.equal(body.message, "no oolong left");
  assert.deepEqual(body.details, [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "OUT_OF_TEA",
      domain: "gateway-test",
      metadata: { kind: "oolong" },
    },
  ]);
  assert.equal(Object.keys(body.details[0] as object)[0], "@type");
});

test("details of the contract's own messages are JSON too, unknown and broken ones stay bytes", async () => {
  const own = detail(thingDesc(), create(thingDesc(), { name: "x" } as never));
  const unknown = create(AnySchema, { typeUrl: "type.googleapis.com/other.Type", value: Buffer.from("abc") });
  const broken = create(AnySchema, {
    typeUrl: "type.googleapis.com/google.rpc.ErrorInfo",
    value: Buffer.from([0x0a, 0x7f]),
  });
  const { body } = await answerTo(new RpcError(Code.NotFound, "x", { details: [own, unknown, broken] }));
  assert.deepEqual(body.details, [
    { "@type": "type.googleapis.com/test.v1.Thing", name: "x" },
    { "@type": "type.googleapis.com/other.Type", value: "YWJj" },
    { "@type": "type.googleapis.com/google.rpc.ErrorInfo", value: "Cn8=" },
  ]);
});

test("RetryInfo becomes Retry-After in whole seconds", async () => {
  const info = (seconds: bigint, nanos: number) =>
    detail(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: { seconds, nanos } }));
  for (const [seconds, nanos, header] of [
    [2n, 0, "2"],
    [2n, 1, "3"],
    [0n, 5e8, "1"],
  ] as const) {
    const { response } = await answerTo(
      new RpcError(Code.ResourceExhausted, "slow down", { details: [info(seconds, nanos)] }),
    );
    assert.equal(response.headers.get("retry-after"), header);
  }
});

test("faults of the platform keep their words to themselves", async () => {
  for (const fault of [
    new Error("password=hunter2"),
    new RpcError(Code.Internal, "SELECT hunter2 failed", {
      details: [detail(DebugInfoSchema, create(DebugInfoSchema, { detail: "hunter2" }))],
    }),
    new RpcError(Code.Unknown, "hunter2"),
    new RpcError(Code.DataLoss, "hunter2"),
    CoreErrors.UNAVAILABLE({ service: "x", why: "connect ECONNREFUSED hunter2" }),
  ]) {
    const { response, body } = await answerTo(fault);
    assert.doesNotMatch(JSON.stringify(body), /hunter2|SELECT|ECONN/);
    assert.deepEqual(body.details, []);
    const trace = response.headers.get("trace-id");
    assert.ok(trace !== null && /^[0-9a-f]{32}$/.test(trace));
  }
  assert.ok(
    world.logs.some((line) => line.includes("a call failed inside the platform")),
    "it is logged",
  );
});

test("DebugInfo is never sent, causes neither", async () => {
  const debug = detail(DebugInfoSchema, create(DebugInfoSchema, { stackEntries: ["at secret.ts:1"] }));
  const { body } = await answerTo(
    new RpcError(Code.NotFound, "gone", { details: [debug], cause: new Error("secret") }),
  );
  assert.deepEqual(body, { code: 5, status: "NOT_FOUND", message: "gone", details: [] });
});
