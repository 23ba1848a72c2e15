// limit: 180s
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { Code, type Layer, RpcError } from "@sampan/core";
import { queuedCallMark } from "@sampan/govern";
import { JsonClient } from "../client/json-client.js";
import { StandinClient } from "../client/standin-client.js";
import { startPlatform } from "../platform/start-platform.js";
import { eventually } from "../split/split-command.fixture.js";

interface Order {
  readonly orderId?: string;
  readonly order: { readonly status: string };
}

const price = { amount: "500", currency: "CNY" };

/** A platform under the mini-program preset, with a user who has money, and services that break when told. */
async function shop(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "sampan-queued-"));
  /** Methods that fail, by path; and what they were asked. */
  const broken = new Map<string, number>();
  /** Queued calls that are answered, and of which the broker never hears. */
  let lost = 0;
  const layer: Layer = (next, method) => async (request, call) => {
    const asked = broken.get(method.path);
    if (asked !== undefined) {
      broken.set(method.path, asked + 1);
      throw new RpcError(Code.Unavailable, "broken by the test");
    }
    const answer = await next(request, call);
    if (lost > 0 && call.peekMetadata()?.has(queuedCallMark) === true) {
      lost--;
      throw new RpcError(Code.Unavailable, "the process ended before it could say so");
    }
    return answer;
  };
  const platform = await startPlatform({
    data: join(folder, "data"),
    port: 0,
    env: {},
    run: { signals: false, layers: [layer] },
    set: { process: { logLevel: "error" }, govern: { preset: "mini-program" } },
  });
  const http = new JsonClient(platform.url);
  const phone = new StandinClient(platform.standinUrl);
  t.after(async () => {
    http.close();
    phone.close();
    await platform.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const ask = async <T>(method: string, path: string, token: string, body?: unknown): Promise<T> => {
    const answer = await http.request(method, path, { token, ...(body === undefined ? {} : { body }) });
    assert.ok(answer.status < 300, `${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as T;
  };
  const admin = ((await http.post("/v1/auth/operator", { key: platform.operatorKey })).body as { accessToken: string })
    .accessToken;
  await ask("POST", "/v1/products", admin, { products: [{ productId: "tea", title: "Tea", price }] });
  await ask("POST", "/v1/stock", admin, { lines: [{ productId: "tea", quantity: "100" }], idempotencyKey: "s" });
  const login = await http.post("/v1/auth/login", { code: await phone.loginCode("o-1") });
  const { accessToken: token, userId } = login.body as { accessToken: string; userId: string };
  const amount = { amount: "50000", currency: "CNY" };
  await ask("POST", `/v1/wallets/${userId}:topUp`, admin, { amount, idempotencyKey: "m" });
  return {
    break: (...paths: string[]) => paths.forEach((path) => void broken.set(path, 0)),
    asked: (path: string) => broken.get(path) ?? 0,
    mend: () => broken.clear(),
    loseNext: () => {
      lost = 1;
    },
    isLost: () => lost === 0,
    order: (key: string) =>
      ask<Order>("POST", "/v1/orders", token, {
        lines: [{ productId: "tea", quantity: "2", unitPrice: price }],
        paymentMethod: "PAYMENT_METHOD_WALLET",
        idempotencyKey: key,
      }),
    orders: async () => (await ask<{ orders?: { status: string }[] }>("GET", "/v1/orders", token)).orders ?? [],
    stock: async () => (await ask<{ available: string }>("GET", "/v1/stock/tea:check?quantity=1", token)).available,
    guards: async () => {
      const page = (await (await fetch(`${platform.adminUrl}/rules`)).json()) as {
        guards: { rule: string; section: string; state: Record<string, unknown> }[];
      };
      return page.guards;
    },
  };
}

const createOrder = "/order.v1.OrderService/CreateOrder";
const inventory = ["BatchCheckStock", "Reserve", "Confirm", "Release"].map(
  (name) => `/inventory.v1.InventoryService/${name}`,
);

describe("under the mini-program preset", () => {
  it("an order that cannot be placed is accepted, and placed once when that works again", async (t) => {
    const platform = await shop(t);
    platform.break(createOrder);
    // The client asks again and again, and the breaker opens.
    for (let i = 0; i < 25; i++) {
      const { order, orderId } = await platform.order("later");
      assert.equal(order.status, "ORDER_STATUS_PENDING");
      assert.equal(orderId ?? "", "");
    }
    const breaker = (await platform.guards()).find(
      ({ rule, section }) => rule === "mini-program-order" && section === "breaker",
    );
    assert.equal(breaker?.state.state, "open");
    assert.deepEqual(await platform.orders(), []);
    // Of the first time that it works, nobody hears: it is delivered again.
    platform.loseNext();
    platform.mend();
    await eventually(async () => (await platform.orders()).some(({ status }) => status === "ORDER_STATUS_CONFIRMED"));
    await eventually(() => platform.isLost());
    await eventually(async () => (await platform.stock()) === "98");
    assert.equal((await platform.orders()).length, 1);
  });

  it("an order goes on with the last known stock while the inventory is away, and is settled later", async (t) => {
    const platform = await shop(t);
    assert.equal((await platform.order("before")).order.status, "ORDER_STATUS_CONFIRMED");
    assert.equal(await platform.stock(), "98");
    platform.break(...inventory);
    const placed = platform.order("meanwhile");
    // It has gone on, past the reservation and the charge, to the confirmation of what is not reserved yet.
    await eventually(() => platform.asked("/inventory.v1.InventoryService/Confirm") > 0);
    platform.mend();
    assert.equal((await placed).order.status, "ORDER_STATUS_CONFIRMED");
    await eventually(async () => (await platform.stock()) === "96");
    assert.deepEqual(
      (await platform.orders()).map(({ status }) => status),
      ["ORDER_STATUS_CONFIRMED", "ORDER_STATUS_CONFIRMED"],
    );
  });
});
