import assert from "node:assert/strict";
import { test } from "node:test";
import { create, createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code } from "@sampan/core";
import { Health, HealthCheckResponse_ServingStatus as Status } from "@sampan/protos/grpc/health/v1/health_pb.js";
import { ServerReflection } from "@sampan/protos/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ServerReflectionAlpha } from "@sampan/protos/grpc/reflection/v1alpha/reflection_pb.js";
import { EchoService } from "@sampan/testkit";
import { createHealth } from "../index.js";
import { caller, failsWith, serveEcho } from "../testing.fixture.js";

const served = "sampan.test.v1.EchoService";

test("health: what is served is serving until it is set otherwise, what is not served is NOT_FOUND", async (t) => {
  const health = createHealth();
  const { address } = await serveEcho(t, { health });
  const check = caller(t, address).root.to(Health).check;
  const client = caller(t, address).root.to(Health);
  assert.ok(check !== undefined);
  for (const service of ["", served, "grpc.health.v1.Health"]) {
    const expected = service === "grpc.health.v1.Health" ? undefined : Status.SERVING;
    if (expected === undefined) await failsWith(client.check({ service }), Code.NotFound);
    else assert.equal((await client.check({ service })).status, expected);
  }
  await failsWith(client.check({ service: "nobody" }), Code.NotFound);
  health.set(served, "not_serving");
  assert.equal((await client.check({ service: served })).status, Status.NOT_SERVING);
  assert.equal((await client.check({})).status, Status.SERVING);
});

test("health: a watch tells the state, its changes once each, and the shutdown", async (t) => {
  const health = createHealth();
  const server = await serveEcho(t, { health });
  const client = caller(t, server.address).root.to(Health);
  const watch = client.watch({ service: "later" });
  const next = async (): Promise<Status | undefined> => (await watch.next()).value?.status;
  assert.equal(await next(), Status.SERVICE_UNKNOWN);
  health.set("later", "serving");
  assert.equal(await next(), Status.SERVING);
  health.set("other", "serving");
  health.set("later", "not_serving");
  assert.equal(await next(), Status.NOT_SERVING);
  health.set("later", "serving");
  assert.equal(await next(), Status.SERVING);
  const drained = server.drain();
  assert.equal(await next(), Status.NOT_SERVING);
  await failsWith(watch.next(), Code.Unavailable);
  await drained;
});

test("health: a watch that its reader leaves costs nothing any more", async (t) => {
  let watchers = 0;
  const inner = createHealth();
  const health = {
    ...inner,
    watch(changed: () => void) {
      watchers++;
      const unwatch = inner.watch(changed);
      return () => {
        watchers--;
        unwatch();
      };
    },
  };
  const { address } = await serveEcho(t, { health });
  const watch = caller(t, address).root.to(Health).watch({});
  await watch.next();
  assert.equal(watchers, 1);
  await watch.return?.();
  for (let i = 0; i < 100 && watchers > 0; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(watchers, 0);
});

for (const [version, contract] of [
  ["v1", ServerReflection],
  ["v1alpha", ServerReflectionAlpha],
] as const) {
  test(`reflection ${version}: from nothing but an address to a contract that can be called`, async (t) => {
    const { address } = await serveEcho(t);
    const client = caller(t, address).root.to(contract as typeof ServerReflection);
    const ask = async (messageRequest: object): Promise<{ case: string | undefined; value?: unknown }> => {
      const request = { host: "h", messageRequest } as never;
      const stream = client.serverReflectionInfo(
        (async function* () {
          yield request;
        })(),
      );
      const { value } = await stream.next();
      assert.equal(value?.originalRequest?.host, "h");
      return value?.messageResponse as { case: string | undefined; value?: unknown };
    };
    const listed = (await ask({ case: "listServices", value: "" })).value as { service: { name: string }[] };
    const names = listed.service.map(({ name }) => name);
    assert.deepEqual(names, [
      "grpc.health.v1.Health",
      "grpc.reflection.v1.ServerReflection",
      "grpc.reflection.v1alpha.ServerReflection",
      served,
    ]);

    const filesOf = (response: { case: string | undefined; value?: unknown }): FileDescriptorProto[] => {
      assert.equal(response.case, "fileDescriptorResponse");
      const { fileDescriptorProto } = response.value as { fileDescriptorProto: Uint8Array[] };
      return fileDescriptorProto.map((octets) => fromBinary(FileDescriptorProtoSchema, octets));
    };
    const symbols = [served, `${served}.Unary`, "sampan.test.v1.EchoRequest", "sampan.test.v1.EchoRequest.text"];
    for (const value of symbols) {
      const files = filesOf(await ask({ case: "fileContainingSymbol", value }));
      assert.equal(files[0]?.name, "sampan/test/v1/echo.proto");
      const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: files.toReversed() }));
      assert.deepEqual(
        registry.getService(served)?.methods.map(({ name }) => name),
        EchoService.methods.map(({ name }) => name),
      );
    }
    const byName = filesOf(await ask({ case: "fileByFilename", value: "grpc/health/v1/health.proto" }));
    assert.equal(byName[0]?.package, "grpc.health.v1");
    const enumValue = filesOf(
      await ask({ case: "fileContainingSymbol", value: "grpc.health.v1.HealthCheckResponse.SERVING" }),
    );
    assert.equal(enumValue[0]?.package, "grpc.health.v1");

    for (const request of [
      { case: "fileContainingSymbol", value: "no.Such" },
      { case: "fileByFilename", value: "no.proto" },
      { case: "fileContainingExtension", value: { containingType: "sampan.test.v1.EchoRequest", extensionNumber: 7 } },
      { case: "allExtensionNumbersOfType", value: "no.Such" },
    ]) {
      const response = await ask(request);
      assert.equal(response.case, "errorResponse");
      assert.equal((response.value as { errorCode: number }).errorCode, Code.NotFound);
    }
    assert.equal(
      (await ask({ case: "allExtensionNumbersOfType", value: "sampan.test.v1.EchoRequest" })).case,
      "allExtensionNumbersResponse",
    );
  });
}

test("health and reflection can be left out", async (t) => {
  const { address } = await serveEcho(t, { health: false, reflection: false });
  const { root } = caller(t, address);
  await failsWith(root.to(Health).check({}), Code.Unimplemented);
  await failsWith(
    root
      .to(ServerReflection)
      .serverReflectionInfo((async function* () {})())
      .next(),
    Code.Unimplemented,
  );
});
