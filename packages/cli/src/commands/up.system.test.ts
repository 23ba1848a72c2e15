import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { JsonClient } from "../client/json-client.js";
import { StandinClient } from "../client/standin-client.js";
import { type Child, sampan, takenPort, temporaryFolder } from "./up.fixture.js";

interface Shop {
  readonly http: JsonClient;
  readonly phone: StandinClient;
  operator(key: string): Promise<string>;
}

/** The platform that a child runs, when it is ready. */
async function ready(t: TestContext, child: Child): Promise<Shop> {
  const url = await child.printed(/gateway +(http:\S+)/);
  const http = new JsonClient(url);
  const phone = new StandinClient(await child.printed(/stand-in +(http:\S+)/));
  await child.printed(/Try:/);
  t.after(() => {
    http.close();
    phone.close();
  });
  const operator = async (key: string): Promise<string> => {
    const { status, body } = await http.post("/v1/auth/operator", { key });
    assert.equal(status, 200);
    return (body as { accessToken: string }).accessToken;
  };
  return { http, phone, operator };
}

const keyIn = (data: string): string => readFileSync(join(data, "operator-key"), "utf8").trim();

/** One user's paid order; gives what is needed to ask for it again. */
async function placeOrder({ http, phone, operator }: Shop, key: string): Promise<{ token: string; orderId: string }> {
  const admin = await operator(key);
  const price = { amount: "500", currency: "CNY" };
  const created = async (path: string, body: object, token = admin): Promise<Record<string, unknown>> => {
    const answer = await http.post(path, body, { token });
    assert.ok(answer.status < 300, `${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as Record<string, unknown>;
  };
  await created("/v1/products", { products: [{ productId: "tea", title: "Tea", price }] });
  await created("/v1/stock", { lines: [{ productId: "tea", quantity: "5" }], idempotencyKey: "stock" });
  const login = await http.post("/v1/auth/login", { code: await phone.loginCode("o-1") });
  const { accessToken: token, userId } = login.body as { accessToken: string; userId: string };
  await created(`/v1/wallets/${userId}:topUp`, {
    amount: { amount: "5000", currency: "CNY" },
    idempotencyKey: "money",
  });
  const order = { lines: [{ productId: "tea", quantity: "2", unitPrice: price }], idempotencyKey: "order" };
  const { orderId } = await created("/v1/orders", { ...order, paymentMethod: "PAYMENT_METHOD_WALLET" }, token);
  return { token, orderId: orderId as string };
}

test("an order that was placed before a restart is there after it, and --fresh forgets it", async (t) => {
  const cwd = temporaryFolder(t);
  const data = join(cwd, ".sampan");
  const first = sampan(t, ["up", "--port", "0"], { cwd });
  const before = await ready(t, first);
  const { token, orderId } = await placeOrder(before, keyIn(data));
  first.signal("SIGINT");
  const { status, out, err } = await first.ended();
  assert.deepEqual([status, err], [0, ""]);
  assert.match(out, /a new installation in \.sampan/);
  assert.ok(!existsSync(join(data, "sampan-owner")), "the folder was not released");

  const second = sampan(t, ["up", "--port", "0"], { cwd });
  const after = await ready(t, second);
  const answer = await after.http.get(`/v1/orders/${orderId}`, { token });
  assert.deepEqual([answer.status, (answer.body as { status: string }).status], [200, "ORDER_STATUS_CONFIRMED"]);
  second.signal("SIGTERM");
  assert.match((await second.ended()).out, /what was there before/);

  writeFileSync(join(data, "notes.txt"), "mine");
  const key = keyIn(data);
  const third = sampan(t, ["up", "--port", "0", "--fresh"], { cwd });
  const fresh = await ready(t, third);
  assert.match(await third.printed(/(Not deleted.*)/), /notes\.txt/);
  assert.notEqual(keyIn(data), key);
  assert.equal((await fresh.http.get(`/v1/orders/${orderId}`, { token })).status, 401, "an old token still works");
  const { body } = await fresh.http.get("/v1/products");
  assert.deepEqual((body as { products?: unknown[] }).products ?? [], []);
  assert.equal(readFileSync(join(data, "notes.txt"), "utf8"), "mine");
});

test("the operator's key is readable for its owner only; one in the environment is used instead, and not shown", async (t) => {
  const cwd = temporaryFolder(t);
  const child = sampan(t, ["up", "--port=0"], { cwd, env: { SAMPAN_AUTH_OPERATOR_KEY: "of-the-environment" } });
  const { operator } = await ready(t, child);
  assert.equal(statSync(join(cwd, ".sampan", "operator-key")).mode & 0o777, 0o600);
  await operator("of-the-environment");
  child.signal("SIGINT");
  const { out, err } = await child.ended();
  assert.ok(!`${out}${err}`.includes("of-the-environment"));
  assert.match(out, /the key is the one that the settings say/);
});

test("a port that is taken is named, with how to choose another; the folder is free again", async (t) => {
  const cwd = temporaryFolder(t);
  const port = await takenPort(t);
  const refusals: string[] = [];
  for (const args of [
    ["--port", `${port}`, "--standin", "0"],
    ["--port", "0", "--standin", `${port}`],
    ["--port", "0", "--process.admin-port", `${port}`],
  ]) {
    const { status, out, err } = await sampan(t, ["up", ...args], { cwd }).ended();
    assert.deepEqual([status, out], [1, ""]);
    refusals.push(err.trim());
  }
  const taken = (what: string, flag: string): string =>
    `sampan: port ${port} (${what}) is taken: another process listens there\n` +
    `        stop that process, or choose another one with ${flag} <number>`;
  assert.deepEqual(refusals, [
    taken("the gateway", "--port"),
    taken("the stand-in", "--standin"),
    taken("the admin page", "--process.admin-port"),
  ]);
});

test("the stand-in listens on the port after the gateway's", async (t) => {
  const cwd = temporaryFolder(t);
  const port = await neighbours();
  const child = sampan(t, ["up", "--port", `${port}`], { cwd });
  assert.equal(await child.printed(/gateway +(http:\S+)/), `http://127.0.0.1:${port}`);
  assert.equal(await child.printed(/stand-in +(http:\S+)/), `http://127.0.0.1:${port + 1}`);
});

/** The first of two ports that are free now. */
async function neighbours(): Promise<number> {
  for (;;) {
    const first = createServer().listen(0, "127.0.0.1");
    await once(first, "listening");
    const { port } = first.address() as { port: number };
    const second = createServer();
    const free = await new Promise<boolean>((resolve) => {
      second.once("error", () => resolve(false));
      second.listen(port + 1, "127.0.0.1", () => resolve(true));
    });
    first.close();
    if (!free) continue;
    second.close();
    return port;
  }
}

test("a folder that is in use is refused, with the process that has it, which is not disturbed", async (t) => {
  const cwd = temporaryFolder(t);
  const first = sampan(t, ["up", "--port", "0"], { cwd });
  const { http } = await ready(t, first);
  for (const more of [[], ["--fresh"]]) {
    const { status, err } = await sampan(t, ["up", "--port", "0", ...more], { cwd }).ended();
    assert.equal(status, 1);
    assert.match(
      err,
      new RegExp(`^sampan: .*\\.sampan is in use by process ${first.pid}, since .*\n +stop that process`),
    );
  }
  assert.equal((await http.get("/v1/products")).status, 200);
});

test("a folder with other people's files, or that is a file, is refused and left alone", async (t) => {
  const cwd = temporaryFolder(t);
  mkdirSync(join(cwd, "photos"));
  writeFileSync(join(cwd, "photos", "cat.jpg"), "");
  writeFileSync(join(cwd, "file"), "");
  const foreign = await sampan(t, ["up", "--port", "0", "--fresh", "--data", "photos"], { cwd }).ended();
  assert.equal(foreign.status, 1);
  assert.match(foreign.err, /photos holds files that are not Sampan's: cat\.jpg\n +name another folder with --data/);
  assert.deepEqual(readdirSync(join(cwd, "photos")), ["cat.jpg"]);
  const file = await sampan(t, ["up", "--port", "0", "--data", "file/x"], { cwd }).ended();
  assert.equal(file.status, 1);
  assert.match(file.err, /cannot be used: it, or something above it, is a file/);
});

test("wrong flags and settings are reported together, with status 2, before anything is touched", async (t) => {
  const cwd = temporaryFolder(t);
  const data = join(cwd, ".sampan");
  const first = sampan(t, ["up", "--port", "0"], { cwd });
  await ready(t, first);
  first.signal("SIGINT");
  await first.ended();
  const key = keyIn(data);
  const args = ["up", "--fresh", "--port", "0", "--gateway.port", "1", "--order.payment-windw", "5m"];
  const { status, out, err } = await sampan(t, args, { cwd, env: { SAMPAN_PROCESS_TRACES: "0" } }).ended();
  assert.deepEqual([status, out], [2, ""]);
  assert.match(err, /3 settings are wrong/);
  assert.match(err, /gateway\.port {2}\(flag --gateway\.port\)\n +is given twice/);
  assert.match(err, /did you mean --order\.payment-window\?/);
  assert.match(err, /process\.traces = "0" {2}\(environment SAMPAN_PROCESS_TRACES\)/);
  assert.equal(keyIn(data), key, "--fresh deleted although the settings were wrong");

  const unknown = await sampan(t, ["up", "--frsh"], { cwd }).ended();
  assert.deepEqual(
    [unknown.status, unknown.err],
    [2, "sampan: there is no flag --frsh\n        did you mean --fresh?\n"],
  );
});

test("settings come from the folder's files too, below flags", async (t) => {
  const cwd = temporaryFolder(t);
  mkdirSync(join(cwd, "config"));
  const file = { process: { data: "kept/here", adminPort: -1 }, gateway: { port: 0 }, platform: { standinPort: 0 } };
  writeFileSync(join(cwd, "config", "default.json"), JSON.stringify(file));
  const child = sampan(t, ["up"], { cwd });
  await ready(t, child);
  assert.match(await child.printed(/admin +(.*)/), /off/);
  assert.ok(existsSync(join(cwd, "kept", "here", "order.db")));
});

test("Ctrl-C during the start closes what is open and ends with 130; the next start works", async (t) => {
  const cwd = temporaryFolder(t);
  const child = sampan(t, ["up", "--port", "0"], { cwd });
  // The first database: a second or so of work is left, and signals are heard.
  while (!existsSync(join(cwd, ".sampan", "user.db"))) await delay(2);
  child.signal("SIGINT");
  const { status, out, err } = await child.ended();
  assert.deepEqual([status, err], [130, ""]);
  assert.doesNotMatch(out, /Sampan is ready/);
  assert.ok(!existsSync(join(cwd, ".sampan", "sampan-owner")), "the folder was not released");
  await ready(t, sampan(t, ["up", "--port", "0"], { cwd }));
});

test("a process that was killed leaves nothing that keeps the next one from starting", async (t) => {
  const cwd = temporaryFolder(t);
  const first = sampan(t, ["up", "--port", "0"], { cwd });
  await ready(t, first);
  first.signal("SIGKILL");
  assert.equal((await first.ended()).status, "SIGKILL");
  await ready(t, sampan(t, ["up", "--port", "0"], { cwd }));
});

test("logs are JSON lines, or on a terminal nothing but what is wrong", async (t) => {
  const cwd = temporaryFolder(t);
  const piped = sampan(t, ["up", "--port", "0"], { cwd });
  const shop = await ready(t, piped);
  assert.equal((await shop.http.get("/v1/orders")).status, 401);
  piped.signal("SIGINT");
  const log = (await piped.ended()).out.split("\n").filter((line) => line.startsWith("{"));
  const messages = log.map((line) => (JSON.parse(line) as { msg: string }).msg);
  assert.deepEqual(messages, ["ready", "served", "stopping; once more stops at once", "draining"]);

  const shown = sampan(t, ["up", "--port", "0"], { cwd, terminal: true });
  const { http, operator } = await ready(t, shown);
  await placeOrder({ ...(await ready(t, shown)), operator }, keyIn(join(cwd, ".sampan")));
  assert.equal((await http.get("/v1/orders")).status, 401);
  shown.signal("SIGINT");
  const { out } = await shown.ended();
  // A machine that is busy makes calls slow, and that is said.
  const said = out.replaceAll(/^.* WARN {2}served .*\n/gm, "");
  const [, after] = said.split("Ctrl-C finishes the work in hand and stops.\n");
  assert.equal(
    after,
    "\n\nStopping; Ctrl-C once more stops at once.\nStopped. The same command goes on where this left off.\n",
  );

  const asked = sampan(t, ["up", "--port", "0", "--process.log-level", "info"], { cwd, terminal: true });
  assert.match(await asked.printed(/(.* ready services=.*)/), /^\d\d:\d\d:\d\d\.\d{3} INFO {2}ready /);
  const json = sampan(
    t,
    ["up", "--port", "0", "--data", "b", "--process.log-format", "json", "--process.log-level=info"],
    {
      cwd,
      terminal: true,
    },
  );
  await json.printed(/^\{"time".*"msg":"ready"/m);
});

test("saga steps and consumers are spans, linked to the request that caused them", async (t) => {
  const cwd = temporaryFolder(t);
  const child = sampan(t, ["up", "--port", "0"], { cwd });
  const shop = await ready(t, child);
  await placeOrder(shop, keyIn(join(cwd, ".sampan")));
  const admin = new JsonClient(await child.printed(/admin +(http:\S+)/));
  t.after(() => admin.close());
  const { body } = await admin.get("/traces?limit=1000");
  const { spans } = body as { spans: { name: string; kind: string; links: string[]; traceId: string }[] };
  const request = spans.find(({ name, kind }) => name === "order.v1.OrderService/CreateOrder" && kind === "server");
  const steps = spans.filter(({ name }) => /^saga\/place-order\//.test(name));
  assert.ok(steps.length >= 2, spans.map(({ name }) => name).join());
  for (const step of steps) {
    assert.equal(step.kind, "internal");
    assert.equal(step.links[0]?.slice(3, 35), request?.traceId);
  }
});

test("sampan --help, sampan up --help and sampan settings need no folder", async (t) => {
  const cwd = temporaryFolder(t);
  for (const [args, expected] of [
    [["--help"], /up +run the whole platform/],
    [["up", "--help"], /--fresh/],
    [["settings", "order"], /--order\.payment-window/],
  ] as const) {
    const { status, out, err } = await sampan(t, args, { cwd }).ended();
    assert.deepEqual([status, err], [0, ""]);
    assert.match(out, expected);
  }
  const { status, err } = await sampan(t, ["uo"], { cwd }).ended();
  assert.deepEqual([status, err], [2, "sampan: there is no command uo\n        did you mean up?\n"]);
  assert.deepEqual(readdirSync(cwd), []);
});
