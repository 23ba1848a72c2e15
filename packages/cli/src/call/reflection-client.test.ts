import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, implement, RpcError, Runtime, type Service } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import { ServerReflection, type ServerReflectionRequest } from "@sampan/protos/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ReflectionV1Alpha } from "@sampan/protos/grpc/reflection/v1alpha/reflection_pb.js";
import { file_sampan_v1_options } from "@sampan/protos/sampan/v1/options_pb.js";
import { EchoService } from "@sampan/testkit";
import { CommandError } from "../command/command-error.js";
import { serve, Terminal } from "./call.fixture.js";
import { defaultDescriptorLimits } from "./descriptor-files.js";
import { ReflectionClient } from "./reflection-client.js";

type Question = ServerReflectionRequest["messageRequest"];
type Answer = object | Error | "nothing" | "for ever";

/** A server whose reflection says what a test wants. */
function lying(answer: (question: Question) => Answer, contract: typeof ServerReflection = ServerReflection): Service {
  return implement(contract, {
    async *serverReflectionInfo(requests) {
      for await (const { messageRequest } of requests) {
        const said = answer(messageRequest);
        if (said instanceof Error) throw said;
        if (said === "nothing") return;
        const messageResponse = said === "for ever" ? { case: "listServicesResponse", value: { service: [] } } : said;
        do yield { messageResponse } as object;
        while (said === "for ever");
      }
    },
  });
}

async function client(t: TestContext, services: readonly Service[], limits = defaultDescriptorLimits) {
  const { address } = await serve(t, services, { reflection: false });
  const transport = grpcTransport();
  t.after(() => transport.close());
  const channel = transport.connect(address);
  const root = new Runtime({ name: "test", connect: () => channel }).root({ name: "test" });
  t.after(() => root.settle());
  return new ReflectionClient(root, limits);
}

const files = (...all: MessageInitShape<typeof FileDescriptorProtoSchema>[]): Answer => ({
  case: "fileDescriptorResponse",
  value: {
    fileDescriptorProto: all.map((init) =>
      toBinary(FileDescriptorProtoSchema, create(FileDescriptorProtoSchema, init)),
    ),
  },
});
const names = (...all: string[]): Answer => ({
  case: "listServicesResponse",
  value: { service: all.map((name) => ({ name })) },
});
const failure = (errorCode: number, errorMessage: string): Answer => ({
  case: "errorResponse",
  value: { errorCode, errorMessage },
});

const refused = (why: RegExp) => (error: unknown) => {
  assert.ok(error instanceof CommandError, String(error));
  assert.match(error.message, why);
  return true;
};

test("a server that has v1alpha only is asked in v1alpha, and services are found there", async (t) => {
  const older = ReflectionV1Alpha as unknown as typeof ServerReflection;
  const asked: string[] = [];
  const reflection = lying((question) => {
    asked.push(question.case ?? "");
    if (question.case === "listServices")
      return names("sampan.test.v1.EchoService", "grpc.reflection.v1alpha.ServerReflection");
    return files(EchoService.file.proto, file_sampan_v1_options.proto);
  }, older);
  const found = await client(t, [reflection]);
  assert.deepEqual(await found.services(), ["sampan.test.v1.EchoService"]);
  assert.ok((await found.describe("sampan.test.v1.EchoService"))?.getService("sampan.test.v1.EchoService"));
  assert.deepEqual(asked, ["listServices", "fileContainingSymbol"]);
});

test("a server without reflection is told from one that cannot be asked", async (t) => {
  await assert.rejects((await client(t, [])).services(), refused(/has no reflection/));
  const forbidden = lying(() => new RpcError(Code.PermissionDenied, "not you"));
  await assert.rejects((await client(t, [forbidden])).services(), { code: Code.PermissionDenied });
});

test("imports that do not come along are asked for, each once", async (t) => {
  const asked: string[] = [];
  const reflection = lying((question) => {
    if (question.case === "fileByFilename") asked.push(question.value);
    if (question.case === "fileByFilename" && question.value === "b.proto")
      return files({ name: "b.proto", dependency: ["c.proto"] });
    if (question.case === "fileByFilename") return files({ name: "c.proto" });
    return files({ name: "a.proto", dependency: ["b.proto", "c.proto"], messageType: [{ name: "A" }] });
  });
  const registry = await (await client(t, [reflection])).describe("A");
  assert.ok(registry?.getMessage("A"));
  assert.deepEqual(asked, ["b.proto", "c.proto"]);
});

test("a symbol that the server does not know is undefined", async (t) => {
  const found = await client(t, [lying(() => failure(Code.NotFound, "no"))]);
  assert.equal(await found.describe("x.Y"), undefined);
});

test("imports that never end are refused at the limit of files", async (t) => {
  let next = 0;
  const reflection = lying(() => files({ name: `${next}.proto`, dependency: [`${++next}.proto`] }));
  const found = await client(t, [reflection], { ...defaultDescriptorLimits, files: 50 });
  await assert.rejects(found.describe("x.Y"), refused(/more than 50 files/));
  assert.equal(next, 51);
});

test("answers that are none, never end, or are about something else are refused", async (t) => {
  const list = async (answer: Answer) => (await client(t, [lying(() => answer)])).services();
  await assert.rejects(list("nothing"), refused(/answers nothing/));
  assert.deepEqual(await list("for ever"), []);
  await assert.rejects(list(files()), refused(/does not give a list of its services/));
  await assert.rejects(list(failure(13, "broken \u001b[2J")), refused(/broken \\u001b\[2J/));
  const many = Array.from({ length: 4 }, (_, i) => `s.S${i}`);
  const limited = await client(t, [lying(() => names(...many))], { ...defaultDescriptorLimits, files: 3 });
  await assert.rejects(limited.services(), refused(/more than 3 services/));
  const other = lying((question) =>
    question.case === "fileByFilename"
      ? files({ name: "z.proto" })
      : files({ name: "a.proto", dependency: ["b.proto"] }),
  );
  await assert.rejects((await client(t, [other])).describe("x"), refused(/another file than b\.proto/));
});

test("names of services that a terminal would obey are not shown", async (t) => {
  const found = await client(t, [lying(() => names("a.\u001b[2JB", "a.B", "a.B"))]);
  assert.deepEqual(await found.services(), ["a.B"]);
});

test("a service that is listed and not described is an error of its own", async (t) => {
  const reflection = lying((question) =>
    question.case === "listServices" ? names("a.B") : failure(Code.NotFound, "no"),
  );
  const { address } = await serve(t, [reflection], { reflection: false });
  const { status, err } = await new Terminal().run("--target", address, "a.B/C");
  assert.equal(status, 1);
  assert.match(err, /lists a\.B, and does not describe it/);
});
