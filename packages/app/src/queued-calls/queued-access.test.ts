import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { OperatorService } from "@sampan/contracts/auth/v1/auth_pb.js";
import { Code, type EndUser, implement, type Method, methods, RpcError } from "@sampan/core";
import { alone, noSettings } from "../echo.fixture.js";
import { run } from "../run.js";
import { service } from "../service.js";
import { enqueuingBroker } from "./enqueuing-broker.js";

const [, listOperators] = methods(OperatorService) as [Method, Method];
const rules = `
rules:
  - name: later
    match: { service: auth.v1.OperatorService, method: ListOperators }
    fallback: { side: server, enqueue: { topic: operators.later, answer: {} } }
`;
const policy = "rules: [{ name: gateway-calls, from: [gateway], to: ['auth.v1.OperatorService/*'] }]";

/** A process whose method is away unless it is called from the queue, under an access policy. */
async function serving(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "queued-"));
  for (const [name, text] of Object.entries({ rules, policy })) writeFileSync(join(folder, name), text);
  let made = (_: string): void => {};
  const first = new Promise<string>((resolve) => {
    made = resolve;
  });
  const operators = implement(OperatorService, {
    createOperator: () => ({}),
    listOperators(_, { metadata, peer, user }) {
      if (!metadata.has("x-sampan-queued")) throw new RpcError(Code.Unavailable, "away");
      made(`${peer.identity} for ${user?.subject} ${user?.scopes?.join()}`);
      return {};
    },
    setOperatorRoles: () => ({}),
    setOperatorPassword: () => ({}),
  });
  const auth = service({ name: "auth", settings: noSettings, needs: {}, build: () => ({ serves: [operators] }) });
  const set = {
    govern: { rules: join(folder, "rules") },
    access: { policy: join(folder, "policy") },
    process: { data: join(folder, "data") },
  };
  const process = await run(auth, alone(set));
  // Timers of a queue do not keep a process alive, and nothing else does here.
  const alive = setInterval(() => {}, 1000);
  t.after(async () => {
    clearInterval(alive);
    await process.stop();
    rmSync(folder, { recursive: true });
  });
  const ask = (caller: string, user: EndUser): Promise<string> =>
    process.runtime(caller).run({ name: "t" }, (call) =>
      call
        .to(OperatorService, { user })
        .listOperators({})
        .then(
          () => "accepted",
          (error: RpcError) => error.reason,
        ),
    );
  return { ask, first };
}

test("a call is enqueued when its caller and user may make it, and made as theirs", async (t) => {
  const { ask, first } = await serving(t);
  const admin = { subject: "op1", roles: ["operator"], scopes: ["operators.manage"] };
  // Not taken only to be refused when nobody listens any more.
  assert.equal(await ask("cart", admin), "ACCESS_DENIED");
  assert.equal(await ask("gateway", { ...admin, scopes: [] }), "SCOPE_REQUIRED");
  assert.equal(await ask("gateway", admin), "accepted");
  assert.equal(await first, "gateway for op1 operators.manage");
});

test("a client does not enqueue what its user may not call", async () => {
  const broker = enqueuingBroker(
    () => assert.fail("nothing is to be published"),
    (path) => (path === listOperators.path ? listOperators : undefined),
  );
  const publish = (headers: Record<string, string>) =>
    broker.publish([{ topic: "t", key: "", id: "1", payload: new Uint8Array(), headers }]);
  const headers = { method: listOperators.path, user: "op1", roles: "operator" };
  await assert.rejects(publish(headers), (error: RpcError) => error.reason === "SCOPE_REQUIRED");
  await assert.rejects(publish({ method: listOperators.path }), (error: RpcError) => error.reason === "USER_REQUIRED");
});
