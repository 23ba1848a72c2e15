// limit: 300s
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, test } from "node:test";
import { JsonClient } from "../client/json-client.js";
import { sampan, temporaryFolder } from "../commands/up.fixture.js";
import { cells, withFile } from "../replay/messy-file.fixture.js";
import { planReplay } from "../replay/plan.js";
import { readLines } from "../replay/read-lines.js";
import { replayPlan } from "../replay/replay.js";
import { currency } from "../replay/shop.js";
import { eventually } from "../split/split-command.fixture.js";
import { type SplitPlatform, startSplit } from "../split/start-split.js";
import { journeyPasses } from "./journey-passes.fixture.js";

test("sampan journey --mtls: every certificate is renewed under load, and nothing fails", async (t) => {
  const argv = ["journey", "--mtls", "--instances", "inventory=3"];
  const { status, out, err } = await sampan(t, argv, { cwd: temporaryFolder(t) }).ended();
  assert.equal(status, 0, `${out}\n${err}`);
  assert.match(out, /✓ a request that is not signed is refused, of users and operators/);
  assert.match(out, /✓ a signed request works once, and only as it was signed/);
  const [, issued = "", each = "", roots = ""] =
    /^certificates {2}(\d+) issued; renewed (.*); below (\d+) roots$/m.exec(out) ?? [];
  const renewed = each.split(", ").map((part) => part.split(" ") as [string, string]);
  const services = ["user", "auth", "catalog", "payment", "order", "notification", "gateway"];
  const processes = ["supervisor", ...services, "inventory-1", "inventory-2", "inventory-3"];
  assert.deepEqual(renewed.map(([name]) => name).sort(), processes.sort());
  for (const [name, count] of renewed) assert.ok(Number(count) >= 2, `${name} ${count}`);
  const counted = renewed.reduce((sum, [, count]) => sum + Number(count), 0);
  assert.ok(Number(issued) >= counted + processes.length, issued);
  assert.equal(roots, "2");
  const [, signed, orders, exchanged] =
    /^requests {6}(\d+) signed, .*; (\d+) orders confirmed; tokens exchanged (\d+) times$/m.exec(out) ?? [];
  assert.ok(Number(orders) > 0 && Number(signed) > 2 * Number(orders) && Number(exchanged) >= 2, out);
  const [, made] = /^calls {9}(\d+) between the services, 0 failed, 0 denied$/m.exec(out) ?? [];
  assert.ok(Number(made) > Number(orders), out);
  assert.match(out, /^connections {3}the other end's certificate was checked \d+ times .*, 0 refused$/m);
  assert.match(out, /^audit {9}\d+ entries .*; every trail is whole$/m);
  // The gateway serves no gRPC.
  const doors = processes.length - 1;
  assert.match(
    out,
    new RegExp(
      `at ${doors} servers: ${doors} clients without TLS, ${doors} without a certificate, ${doors} of another trust domain`,
    ),
  );
  assert.match(out, /\n\d+ steps passed, 0 failed/);
});

describe("a platform with mTLS", () => {
  let platform: SplitPlatform;
  const data = mkdtempSync(join(tmpdir(), "sampan-mtls-"));
  const lifeMs = 16_000;
  // Certificates are renewed at half of their life, so what is left is always more than this.
  const outageMs = 4_000;

  before(async () => {
    platform = await startSplit({
      data,
      port: 0,
      mtls: { lifeMs },
      run: { signals: false },
      set: {
        process: { logLevel: "error" },
        gateway: { signedRoles: ["user", "operator"] },
        platform: { standinCurrencies: ["CNY", currency] },
      },
    });
  });
  after(async () => {
    await platform.stop();
    rmSync(data, { recursive: true });
  });

  /** What each process says of its certificate. */
  const certificates = async (): Promise<{ name: string; notAfter: string; failure: string }[]> => {
    const found: { name: string; notAfter: string; failure: string }[] = [];
    for (const [name, { addresses }] of platform.processes) {
      const http = new JsonClient(addresses.admin ?? "", 1);
      const { body } = await http.get("/certificates");
      found.push({ name, ...(body as { notAfter: string; failure: string }) });
      http.close();
    }
    return found;
  };

  it("goes on while the Workload API is away, as long as its certificates hold, and follows it again", async () => {
    const start = performance.now();
    const outage = await platform.identities?.outage();
    await eventually(async () => (await certificates()).every(({ failure }) => failure !== ""));
    const before = await certificates();
    do await journeyPasses(platform);
    while (performance.now() - start < outageMs);
    assert.deepEqual(
      (await certificates()).map(({ notAfter }) => notAfter),
      before.map(({ notAfter }) => notAfter),
    );
    await outage?.end();
    await eventually(async () =>
      (await certificates()).every(({ failure, notAfter }, i) => failure === "" && notAfter !== before[i]?.notAfter),
    );
    await journeyPasses(platform);
  });

  it("takes a replay, whose requests are signed too", async () => {
    const lines = [
      cells("1", "tea", "2", "1.50", "7"),
      cells("2", "tea", "1", "1.50", "8"),
      cells("C3", "tea", "-1", "1.50", "7"),
    ];
    const plan = await withFile(lines, async (path) => planReplay(await readLines(path)));
    const target = { ...platform, close: () => Promise.resolve() };
    const { refused, refunds, ledger, misplaced } = await replayPlan({ target, plan, concurrency: 2, run: "" });
    assert.deepEqual([refused, refunds, misplaced], [[], 1, []]);
    assert.deepEqual(ledger, { charged: 450n, refunded: 150n, payments: 2n });
  });

  it("gives a process that was killed its identity again", async () => {
    const order = platform.processes.get("order");
    const pid = order?.pid as number;
    process.kill(pid, "SIGKILL");
    await eventually(() => order?.pid !== undefined && order.pid !== pid);
    await journeyPasses(platform);
    const [of] = (await certificates()).filter(({ name }) => name === "order");
    assert.ok(Date.parse(of?.notAfter ?? "") > Date.now());
  });
});
