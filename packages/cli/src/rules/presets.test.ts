import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { preset, presetNames, type RecordedCall, type TrialReport, tryRules } from "@sampan/govern";
import { platformMethods } from "../platform/contracts.js";
import { recorded, saleAt } from "./recording.fixture.js";

const methodOf = (name: string) => platformMethods.get(name);
const run = (name: string, calls: readonly RecordedCall[]): Promise<TrialReport> =>
  tryRules(preset(name), calls, { methodOf });

/** How often a rule did something. */
function count({ events }: TrialReport, rule: string, what: string): number {
  return events.filter((each) => each.rule === rule && each.what === what).reduce((sum, each) => sum + each.count, 0);
}

/** Seconds after the sale began at which something first happened. */
function firstAt({ events }: TrialReport, rule: string, what: string): number | undefined {
  const first = events.find((each) => each.rule === rule && each.what === what)?.first;
  return first === undefined ? undefined : (Date.parse(first) - saleAt) / 1000;
}

/** Calls a client makes, of which every `nth` fails. */
function failing(method: string, everyNth: number, calls: number, more: Partial<RecordedCall> = {}): RecordedCall[] {
  return recorded(method, { calls, everyMs: 100, side: "client", ...more }).map((call, index) =>
    index % everyNth === 0 ? { ...call, code: 14 } : call,
  );
}

describe("the presets", () => {
  it("are read without a problem and fit the platform's contracts", async () => {
    const calls = [...platformMethods.keys()].flatMap((method) => [
      ...recorded(method, { calls: 1, everyMs: 1, side: "client", idempotent: methodOf(method)?.idempotent ?? false }),
      ...recorded(method, { calls: 1, everyMs: 1 }),
    ]);
    for (const name of presetNames) assert.deepEqual((await run(name, calls)).misfits, [], name);
  });
});

describe("classic", () => {
  it("ends a call after 1000 ms", async () => {
    const took = (durationMs: number) => recorded("a.B/C", { calls: 1, everyMs: 1, durationMs, side: "client" });
    assert.deepEqual((await run("classic", took(999))).changed, []);
    assert.equal((await run("classic", took(1001))).changed[0]?.replayed, "DeadlineExceeded TIMED_OUT");
  });

  it("has 100 calls in flight at most", async () => {
    const burst = (calls: number) => recorded("a.B/C", { calls, everyMs: 0, durationMs: 500 });
    assert.deepEqual((await run("classic", burst(100))).changed, []);
    const { changed } = await run("classic", burst(101));
    assert.deepEqual([changed[0]?.count, changed[0]?.replayed], [1, "ResourceExhausted TOO_MANY_IN_FLIGHT"]);
  });

  it("opens at 25 % errors in 10 s, and not below", async () => {
    assert.equal(count(await run("classic", failing("a.B/C", 4, 60)), "classic", "opened"), 1);
    assert.equal(count(await run("classic", failing("a.B/C", 5, 60).slice(1)), "classic", "opened"), 0);
  });
});

describe("standard", () => {
  it("opens after 10 requests of which half failed, and asks again after 5 s", async () => {
    const report = await run("standard", failing("a.B/C", 2, 120));
    // The tenth call is at 0.9 s.
    assert.equal(firstAt(report, "standard", "opened"), 0.901);
    assert.equal(firstAt(report, "standard", "half-open"), 6);
    assert.equal(count(await run("standard", failing("a.B/C", 2, 9)), "standard", "opened"), 0);
    assert.equal(count(await run("standard", failing("a.B/C", 3, 120)), "standard", "opened"), 0);
  });
});

describe("mini-program", () => {
  const login = "auth.v1.AuthService/LoginByCode";
  const product = "catalog.v1.CatalogService/GetProduct";
  const order = "order.v1.OrderService/CreateOrder";
  const stock = "inventory.v1.InventoryService/CheckStock";
  const reserve = "inventory.v1.InventoryService/Reserve";

  /** Of a burst within a tenth of a second, what passes is one second's worth and what flows in meanwhile. */
  async function admittedOf(method: string, calls: number): Promise<number> {
    const report = await run("mini-program", recorded(method, { calls, everyMs: 100 / calls }));
    return calls - (report.changed[0]?.count ?? 0);
  }

  it("lets 500 logins, 2000 product pages and 300 orders a second through", async () => {
    for (const [method, rate] of [
      [login, 500],
      [product, 2000],
      [order, 300],
    ] as const) {
      const admitted = await admittedOf(method, rate * 2);
      assert.ok(admitted >= rate && admitted <= rate * 1.1 + 1, `${method} ${admitted}`);
    }
  });

  it("opens for 60, 30 and 120 s when more than 50 % of at least 20 requests failed", async () => {
    for (const [method, rule, seconds] of [
      [login, "mini-program-login", 60],
      [product, "mini-program-product-page", 30],
      [order, "mini-program-order", 120],
    ] as const) {
      const report = await run("mini-program", failing(method, 1, 1500));
      const opened = firstAt(report, rule, "opened") as number;
      assert.equal(opened, 1.901, method);
      const asked = firstAt(report, rule, "half-open") as number;
      assert.ok(asked >= opened + seconds && asked < opened + seconds + 0.2, `${method} ${asked}`);
      // Exactly half is not more than half; nor are 19 calls 20.
      assert.equal(count(await run("mini-program", failing(method, 2, 90).slice(1)), rule, "opened"), 0);
      assert.equal(count(await run("mini-program", failing(method, 1, 19)), rule, "opened"), 0);
    }
  });

  it("answers otherwise meanwhile: a light token, the last good page, an order that is queued", async () => {
    for (const [method, rule, answered] of [
      [login, "mini-program-login", "answered-fixed"],
      [order, "mini-program-order", "enqueued"],
      [reserve, "mini-program-reserve", "enqueued"],
    ] as const) {
      const report = await run("mini-program", failing(method, 1, 40));
      assert.equal(count(report, rule, answered), 40, `${method} ${JSON.stringify(report.events)}`);
      assert.deepEqual(
        report.changed.map((each) => [each.recorded, each.replayed, each.count]),
        [["Unavailable", "ok", 40]],
      );
    }
    for (const [method, rule] of [
      [product, "mini-program-product-page"],
      [stock, "mini-program-stock"],
    ] as const) {
      const good = recorded(method, { calls: 1, everyMs: 1, side: "client" });
      const bad = failing(method, 1, 40, {}).map((call) => ({ ...call, at: call.at + 2000 }));
      assert.equal(count(await run("mini-program", [...good, ...bad]), rule, "answered-stale"), 40);
      // Without an answer that was good once, the error stands.
      assert.equal(count(await run("mini-program", bad), rule, "answered-stale"), 0);
    }
  });

  it("lets payments flow one after the other", async () => {
    const report = await run("mini-program", recorded("payment.v1.PaymentService/Charge", { calls: 50, everyMs: 0 }));
    assert.equal(count(report, "mini-program-payment", "waited"), 49);
    assert.deepEqual(report.changed, []);
  });
});
