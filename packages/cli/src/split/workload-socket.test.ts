import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Code, RpcError, Runtime, systemClock } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import {
  authoritySource,
  createAuthority,
  memoryAuthorityStore,
  workloadSource,
  type X509Source,
} from "@sampan/identity/certificates";
import { ServerReflection } from "@sampan/protos/grpc/reflection/v1/reflection_pb.js";
import { WorkloadSocket } from "./workload-socket.js";

const id = "spiffe://shop.test/ns/shop/sa/order";

async function serving(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "sampan-workload-"));
  const path = join(folder, "order");
  const authority = await createAuthority("shop.test", { store: memoryAuthorityStore() });
  const source = authoritySource({ authority, id });
  const socket = new WorkloadSocket({ path, source, clock: systemClock });
  // What a process that was killed has left.
  writeFileSync(path, "");
  await socket.listen();
  t.after(async () => {
    await socket.close();
    source.close();
    authority.close();
    rmSync(folder, { recursive: true });
  });
  const fetch = async (): Promise<X509Source> => {
    const transport = grpcTransport();
    t.after(() => transport.close());
    const connect = () => transport.connect(`unix:${path}`);
    const found = await workloadSource({ runtime: new Runtime({ name: "order", connect }), firstWithinMs: 5_000 });
    t.after(() => found.close());
    return found;
  };
  return { path, authority, source, socket, fetch };
}

test("who opens the socket gets its identity, and hears of changes", async (t) => {
  const { path, authority, source, fetch } = await serving(t);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const found = await fetch();
  assert.equal(found.current().svid.id, id);
  assert.deepEqual(found.current().svid.notAfter, source.current().svid.notAfter);
  const changed = new Promise<void>((resolve) => found.watch(resolve));
  await authority.rotateRoot();
  await changed;
  assert.equal(found.current().bundles.get("shop.test")?.authorities.length, 2);
});

test("it can be closed, which removes it, and opened again", async (t) => {
  const { path, socket, fetch } = await serving(t);
  await socket.close();
  await socket.close();
  assert.ok(!existsSync(path));
  await socket.listen();
  assert.equal((await fetch()).current().svid.id, id);
});

test("nothing but the Workload API is served there", async (t) => {
  const { path } = await serving(t);
  const transport = grpcTransport();
  t.after(() => transport.close());
  const runtime = new Runtime({ name: "nosy", connect: () => transport.connect(`unix:${path}`) });
  const asked = runtime.run({ name: "look" }, async (call) => {
    const questions = (async function* () {
      yield { messageRequest: { case: "listServices" as const, value: "" } };
    })();
    for await (const answer of call.to(ServerReflection).serverReflectionInfo(questions)) assert.fail(String(answer));
  });
  await assert.rejects(asked, (error) => RpcError.from(error).code === Code.Unimplemented);
});
