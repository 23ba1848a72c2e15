import assert from "node:assert/strict";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { Code } from "@sampan/core";
import { createHealth } from "../health/health.js";
import { createMeter } from "../metrics/registry.js";
import { ringTracer } from "../traces/ring-tracer.js";
import { type AdminServer, adminServer } from "./admin-server.js";

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type: string;
}

describe("the admin port", () => {
  const health = createHealth();
  const meter = createMeter();
  const tracer = ringTracer(100);
  const trace = "a".repeat(32);
  let admin: AdminServer;

  before(async () => {
    meter.counter({ name: "orders_total", help: "orders" }).add(3);
    for (const n of [1, 2]) {
      tracer.record({
        traceId: trace,
        spanId: String(n),
        parentSpanId: "",
        links: [],
        name: "order.v1.OrderService/CreateOrder",
        service: "order",
        kind: "server",
        startedAt: n,
        durationMs: n,
        code: n === 1 ? Code.OK : Code.NotFound,
        events: [],
      });
    }
    const broken = { path: "/broken", doc: "<b>", answer: () => Promise.reject(new Error("secret detail")) };
    admin = await adminServer({ health, meter, tracer, pages: [broken] });
  });
  after(() => admin.close());

  const ask = (path: string, options: { method?: string; host?: string } = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = options.host === undefined ? {} : { host: options.host };
      const asked = request(
        { port: admin.port, host: "127.0.0.1", path, method: options.method ?? "GET", headers, agent: false },
        (response) => {
          let body = "";
          response.on("data", (chunk: Buffer) => (body += chunk.toString()));
          response.on("end", () =>
            resolve({ status: response.statusCode ?? 0, body, type: response.headers["content-type"] ?? "" }),
          );
        },
      );
      asked.on("error", reject);
      asked.end();
    });
  const spansAt = async (path: string): Promise<string[]> =>
    (JSON.parse((await ask(path)).body) as { spans: { spanId: string; code: string }[] }).spans.map(
      (each) => `${each.spanId} ${each.code}`,
    );

  it("says that the process lives, whatever its health", async () => {
    health.set("sql", "down");
    assert.equal((await ask("/healthz")).status, 200);
  });

  it("says whether it is ready, and why not", async () => {
    health.set("sql", "draining", "stopping");
    const draining = await ask("/readyz");
    assert.equal(draining.status, 503);
    assert.deepEqual(JSON.parse(draining.body), {
      status: "draining",
      checks: [{ name: "sql", state: "draining", reason: "stopping" }],
    });
    health.set("sql", "up");
    const ready = await ask("/readyz");
    assert.equal(ready.status, 200);
    assert.equal((JSON.parse(ready.body) as { status: string }).status, "ready");
  });

  it("shows metrics", async () => {
    const { body, type } = await ask("/metrics");
    assert.match(body, /^orders_total 3$/m);
    assert.equal(type, "text/plain; version=0.0.4; charset=utf-8");
  });

  it("shows recent spans, and one trace", async () => {
    assert.deepEqual(await spansAt("/traces"), ["2 NotFound", "1 OK"]);
    assert.deepEqual(await spansAt("/traces?limit=1"), ["2 NotFound"]);
    assert.deepEqual(await spansAt("/traces?failed=true&service=order&min_ms=1.5"), ["2 NotFound"]);
    assert.deepEqual(await spansAt(`/traces?trace=${trace}`), ["1 OK", "2 NotFound"]);
    assert.equal((await ask(`/traces?trace=${"b".repeat(32)}`)).status, 404);
    assert.equal((await ask("/traces?trace=../x")).status, 400);
    assert.equal((await ask("/traces?limit=-1")).status, 400);
  });

  it("lists its pages, escaped", async () => {
    const { body } = await ask("/");
    assert.match(body, /href="\/metrics"/);
    assert.doesNotMatch(body, /<b>/);
  });

  it("refuses other paths, methods and, on loopback, other names", async () => {
    assert.equal((await ask("/none")).status, 404);
    assert.equal((await ask("/metrics", { method: "POST" })).status, 405);
    assert.equal((await ask("/metrics", { host: "evil.example" })).status, 403);
    assert.equal((await ask("/metrics", { host: "localhost:9999" })).status, 200);
    const head = await ask("/metrics", { method: "HEAD" });
    assert.deepEqual([head.status, head.body], [200, ""]);
  });

  it("survives a page that fails, and tells nothing of it", async () => {
    const { status, body } = await ask("/broken");
    assert.equal(status, 500);
    assert.doesNotMatch(body, /secret/);
  });

  it("rejects when its port is taken", async () => {
    await assert.rejects(adminServer({ health, port: admin.port }), { code: "EADDRINUSE" });
  });
});
