import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Call, Code, RpcError } from "@sampan/core";
import { EchoService } from "@sampan/testkit";
import { alone, echo, noSettings } from "../echo.fixture.js";
import { run } from "../run.js";
import { service } from "../service.js";

interface Seen {
  readonly text: string;
  readonly tenant: string;
  readonly releaseTag: string;
  readonly user: string;
  readonly key: string;
  readonly queued: boolean;
}

/** A process whose unary method is refused unless it comes from the queue, and what it is asked then. */
async function serving(t: TestContext, rules: string, refuses: (call: Call, seen: readonly Seen[]) => boolean) {
  const folder = mkdtempSync(join(tmpdir(), "queued-"));
  const file = join(folder, "rules.yaml");
  writeFileSync(file, rules);
  const seen: Seen[] = [];
  let told = (): void => {};
  const unary = ({ text }: { text: string }, call: Call) => {
    const { tenant, releaseTag, user, metadata } = call;
    const queued = metadata.has("x-sampan-queued");
    const key = metadata.get("idempotency-key") ?? "";
    if (queued) seen.push({ text, tenant, releaseTag, user: user?.subject ?? "", key, queued });
    told();
    if (refuses(call, seen)) throw new RpcError(Code.Unavailable, "away");
    return { text };
  };
  const module = service({
    name: "echo",
    settings: noSettings,
    needs: {},
    build: () => ({ serves: [echo(unary)] }),
  });
  const process = await run(
    module,
    alone({ govern: { rules: file }, process: { data: join(folder, "data"), tenants: ["default", "acme"] } }),
  );
  // Timers of a queue do not keep a process alive, and nothing else does here.
  const alive = setInterval(() => {}, 1000);
  t.after(async () => {
    clearInterval(alive);
    await process.stop();
    rmSync(folder, { recursive: true });
  });
  const until = async (count: number): Promise<void> => {
    while (seen.length < count) {
      await new Promise<void>((resolve) => {
        told = resolve;
      });
    }
  };
  return { seen, until, runtime: process.runtime("echo") };
}

const enqueue = (more = "") => `
rules:
  - name: later
    match: { service: sampan.test.v1.EchoService, method: Unary }
    fallback: { ${more} enqueue: { topic: echo.later, answer: { text: accepted } } }
`;

for (const side of ["server", "client"]) {
  test(`a call that the ${side} enqueued is made later, for the same user, tenant and release`, async (t) => {
    const { seen, until, runtime } = await serving(
      t,
      enqueue(`side: ${side},`),
      (call, seen) => !call.metadata.has("x-sampan-queued") || seen.length === 1,
    );
    const origin = { tenant: "acme", releaseTag: "canary", traceparent: "" };
    const answer = await runtime.run({ name: "t", origin }, (call) =>
      call.to(EchoService, { user: { subject: "u1", roles: ["user"] } }).unary({ text: "hello" }),
    );
    assert.equal(answer.text, "accepted");
    // Refused once more, given back, and then done; never enqueued again.
    await until(2);
    const [first, second] = seen;
    assert.deepEqual(first, second);
    const { key, ...what } = first as Seen;
    assert.deepEqual(what, { text: "hello", tenant: "acme", releaseTag: "canary", user: "u1", queued: true });
    assert.notEqual(key, "");
    assert.equal(seen.length, 2);
  });
}

test("rules that would enqueue what nobody could read are refused when they come", async (t) => {
  await assert.rejects(
    serving(t, enqueue().replace("text: accepted", "texts: accepted"), () => false),
    /later\/fallback on sampan\.test\.v1\.EchoService\/Unary: the answer is no .*EchoResponse/,
  );
});
