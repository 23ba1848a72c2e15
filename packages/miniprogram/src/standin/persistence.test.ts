import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startStandin } from "./index.js";
import { controlRequest, startWorld, template, testKeys } from "./world.fixture.js";

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "standin-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

test("users, codes, grants, orders, refunds and planned callbacks survive a restart", async (t) => {
  const dataFile = join(await folder(t), "standin.jsonl");
  const before = await startWorld(t, { dataFile, rules: { refundSpacingMs: 0 } });
  const { code, openid } = await before.control("login-codes", {}, 201);
  const used = await before.control("login-codes", { openid }, 201);
  await before.provider.login(used.code, before.call());
  await before.control("subscriptions", { openid, templateId: template });
  before.merchant.status = 500;
  const paid = await before.order({ payerOpenid: openid });
  await before.control("pay", { prepayId: paid.prepayId });
  await before.pay.refund({ ...paid, outRefundNo: "kept-1", amount: 100n, total: 1200n }, before.call());
  const unpaid = await before.order({ payerOpenid: openid, outTradeNo: "kept-unpaid" });
  const seen = await before.control("orders");
  await before.standin.close();

  const after = await startWorld(t, { dataFile });
  assert.deepEqual(await after.control("orders"), seen);
  assert.equal((await after.provider.login(code, after.call())).subject, openid);
  await assert.rejects(after.provider.login(used.code, after.call()), /login code/);
  assert.equal((await after.pay.queryRefund({ ...paid, outRefundNo: "kept-1" }, after.call())).amount, 100n);
  await after.messages.send({ openid, templateId: template, data: { thing1: "茶", amount2: "1.00" } }, after.call());
  assert.equal((await after.control("pay", { prepayId: unpaid.prepayId })).state, "SUCCESS");

  before.merchant.status = 200;
  before.merchant.received.length = 0;
  await after.clock.advance(15_000);
  await after.standin.settled();
  assert.equal((await after.control(`orders/${paid.outTradeNo}`)).callbackStatus, 200);
});

test("a line that a crash cut off is dropped, and writing goes on behind the last whole one", async (t) => {
  const dataFile = join(await folder(t), "standin.jsonl");
  const first = await startWorld(t, { dataFile });
  const openid = await first.user();
  await first.standin.close();
  await appendFile(dataFile, '{"type":"user","openid":"oHalf');
  const second = await startWorld(t, { dataFile });
  await second.control("users", { openid }, 409);
  await second.control("users", { openid: "oHalf" }, 201);
  await second.standin.close();
  const third = await startWorld(t, { dataFile });
  await third.control("users", { openid: "oHalf" }, 409);
});

test("a journal that is broken in the middle is refused, not repaired", async (t) => {
  const dataFile = join(await folder(t), "standin.jsonl");
  await writeFile(dataFile, '{"type":"user","openid":"o1","unionId":""}\nbroken\n{"type":"user"}\n');
  await assert.rejects(startStandin({ keys: await testKeys(), dataFile }));
  assert.match(await readFile(dataFile, "utf8"), /broken/);
});

test("the journal is readable by its owner only", async (t) => {
  const dataFile = join(await folder(t), "standin.jsonl");
  await startWorld(t, { dataFile });
  assert.equal((await stat(dataFile)).mode & 0o777, 0o600);
});

test("nothing that was paid is lost when the process is killed", async (t) => {
  const path = await folder(t);
  const script = fileURLToPath(new URL("./killed.fixture.js", import.meta.url));
  const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const paid: string[] = [];
  let url = "";
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith("http")) url = line;
    else paid.push(line);
    // In the middle of its work, with payments under way.
    if (paid.length === 20) child.kill("SIGKILL");
  }
  assert.ok(url !== "" && paid.length >= 20);
  const world = await startWorld(t, { dataFile: join(path, "standin.jsonl") });
  for (const outTradeNo of paid) {
    const order = await controlRequest(world.standin.url, `orders/${outTradeNo}`);
    assert.equal(order.state, "SUCCESS");
  }
});
