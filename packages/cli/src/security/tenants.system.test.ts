import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { loadOrCreateTokenKeys, tokenIssuer } from "@sampan/identity";
import { Door, type RawRequest, type Refusal } from "../bad-input/door.fixture.js";
import { goodOrder } from "../bad-input/order-cases.fixture.js";

let door: Door;
/** Tokens that are as good as any, but for their tenant. */
let user: string;
let operator: string;

before(async () => {
  door = await Door.open();
  const keys = await loadOrCreateTokenKeys(join(door.data, "tokens"));
  const issuer = tokenIssuer({ keys, issuer: "sampan", audience: "sampan" });
  const issue = async (subject: string, roles: string[], tenant: string): Promise<string> =>
    (await issuer.issue({ subject, roles, tenant, scopes: ["operators.manage"] })).token;
  user = await issue(door.user.userId, ["user"], "acme");
  operator = await issue("operator", ["operator"], "acme");
  // The same with the tenant that is served is let in: what is refused below is refused for its tenant.
  const ours = await issue(door.user.userId, ["user"], "default");
  await door.must(200, door.get("/v1/users/me", ours));
});
after(() => door.close());

const refusal: Refusal = { status: 403, code: "PERMISSION_DENIED", reason: "TENANT_NOT_SERVED" };
const as = (token: string): NonNullable<RawRequest["headers"]> => [["Authorization", `Bearer ${token}`]];

describe("another tenant", () => {
  test("another tenant's user reads and writes nothing, also under the same user id", async () => {
    const { orderId } = await door.must(201, door.post("/v1/orders", goodOrder(), door.user.token));
    for (const path of ["/v1/users/me", "/v1/orders", `/v1/orders/${orderId}`, "/v1/wallet", "/v1/users/me/addresses"])
      await door.refuses({ method: "GET", path, headers: as(user) }, refusal);
    await door.refuses({ path: "/v1/orders", headers: as(user), body: goodOrder({ idempotencyKey: "acme" }) }, refusal);
    await door.refuses({ path: `/v1/orders/${orderId}:cancel`, headers: as(user), body: {} }, refusal);
  });

  test("another tenant's operator sees no list and changes nothing", async () => {
    for (const path of ["/v1/admin/orders", "/v1/admin/payments", "/v1/admin/ledger", "/v1/stock", "/v1/operators"])
      await door.refuses({ method: "GET", path, headers: as(operator) }, refusal);
    const amount = { amount: "1", currency: "CNY" };
    const path = `/v1/wallets/${door.user.userId}:topUp`;
    await door.refuses({ path, headers: as(operator), body: { amount, idempotencyKey: "acme" } }, refusal);
  });

  test("a tenant in a header changes nothing", async () => {
    const headers = [...as(door.user.token), ["x-sampan-tenant", "acme"] as const, ["x-tenant", "acme"] as const];
    const { userId } = await door.must(200, door.send({ method: "GET", path: "/v1/users/me", headers }));
    assert.equal(userId, door.user.userId);
  });
});
