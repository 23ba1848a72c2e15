import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Message } from "@bufbuild/protobuf";
import { openRecordedDoor, type RecordedDoor } from "./recorded-door.fixture.js";

let door: RecordedDoor;
let received: Message[];
before(async () => {
  door = await openRecordedDoor();
  received = door.received;
});
after(() => door.close());

const send = async (method: string, path: string, body: object | undefined, token: string) => {
  const response = await fetch(door.url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
};

const order = {
  lines: [{ productId: "tea", quantity: "1" }],
  paymentMethod: "PAYMENT_METHOD_WALLET",
  idempotencyKey: "k",
};
const line = (extra: object) => ({ ...order, lines: [{ productId: "tea", quantity: "1", ...extra }] });
const address = { recipient: "Lin", phone: "13812345678", street: "1 Bund", city: "上海" };
const text = { templateId: "t", keywords: { thing1: "x" } };
const setTemplate = "/v1/admin/notification-templates/wechat/order_confirmed";

/** Requests that are taken as they are, so that what refuses them below is the field that was added. */
const good = {
  order: ["POST", "/v1/orders", order, "user"],
  nickname: ["PUT", "/v1/users/me", { nickname: "x" }, "user"],
  address: ["POST", "/v1/users/me/addresses", address, "user"],
  phone: ["POST", "/v1/auth/phone", { code: "c" }, "user"],
  login: ["POST", "/v1/auth/login", { code: "c" }, "user"],
  refresh: ["POST", "/v1/auth/refresh", { refreshToken: "t" }, "user"],
  report: [
    "POST",
    "/v1/notifications/subscriptions",
    { reportId: "r", answers: [{ templateId: "t", decision: "DECISION_ACCEPT" }] },
    "user",
  ],
  template: ["PUT", setTemplate, { text }, "owner"],
  operator: ["POST", "/v1/operators", { name: "mei", password: "correct horse", roles: ["support"] }, "owner"],
} as const;

describe("mass assignment", () => {
  for (const [what, [method, path, body, token]] of Object.entries(good)) {
    test(`${what}: what the contract has is taken`, async () => {
      const before = received.length;
      const { status, text } = await send(method, path, body, token);
      assert.ok(status === 200 || status === 201, `${status} ${text}`);
      assert.equal(received.length, before + 1);
    });
  }

  for (const [what, request, field, extra] of [
    ["whose order it is", good.order, "userId", { ...order, userId: "u-2" }],
    ["whose order it is, as in the contract's own language", good.order, "user_id", { ...order, user_id: "u-2" }],
    ["what state an order is in", good.order, "status", { ...order, status: "ORDER_STATUS_CONFIRMED" }],
    ["what an order costs", good.order, "total", { ...order, total: { amount: "1", currency: "CNY" } }],
    ["what a line costs", good.order, "lines[0].price", line({ price: { amount: "1", currency: "CNY" } })],
    ["what a line comes to", good.order, "lines[0].total", line({ total: { amount: "1", currency: "CNY" } })],
    ["a discount", good.order, "lines[0].discount", line({ discount: "100" })],
    ["who they are", good.nickname, "userId", { nickname: "x", userId: "u-2" }],
    ["their own role", good.nickname, "roles", { nickname: "x", roles: ["operator"] }],
    ["a phone that nobody has vouched for", good.nickname, "phone", { nickname: "x", phone: "13800000000" }],
    ["whose address it is", good.address, "userId", { ...address, userId: "u-2" }],
    ["which address it is", good.address, "addressId", { ...address, addressId: "a-2" }],
    ["that an address is the default", good.address, "isDefault", { ...address, isDefault: true }],
    ["a number instead of the platform's code", good.phone, "number", { code: "c", number: "13800000000" }],
    ["whose phone it is", good.phone, "userId", { code: "c", userId: "u-2" }],
    ["what they log in as", good.login, "openid", { code: "c", openid: "o" }],
    ["their roles at the login", good.login, "roles", { code: "c", roles: ["operator"] }],
    ["their tenant at the login", good.login, "tenant", { code: "c", tenant: "other" }],
    ["whose session it is", good.refresh, "subject", { refreshToken: "t", subject: "u-2" }],
    ["whose subscription it is", good.report, "userId", { ...good.report[2], userId: "u-2" }],
    [
      "how many messages they allow",
      good.report,
      "answers[0].remaining",
      { reportId: "r", answers: [{ ...good.report[2].answers[0], remaining: 99 }] },
    ],
    ["who has written a template", good.template, "changedBy", { text, changedBy: "somebody" }],
    ["which version a template is", good.template, "version", { text, version: 9 }],
    ["an operator's hash", good.operator, "passwordHash", { ...good.operator[2], passwordHash: "$scrypt$" }],
    ["a prototype", good.nickname, "__proto__", JSON.parse('{"nickname":"x","__proto__":{"roles":["operator"]}}')],
    ["a constructor", good.nickname, "constructor", { nickname: "x", constructor: { prototype: {} } }],
  ] as const) {
    test(`nobody says ${what}: the field is refused by its name`, async () => {
      const before = received.length;
      const [method, path, , token] = request;
      const { status, text } = await send(method, path, extra, token);
      assert.equal(status, 400, text);
      assert.ok(text.includes(field), text);
      assert.equal(received.length, before, "the service was called");
    });
  }

  for (const [path, token] of [
    ["/v1/orders?userId=u-2", "user"],
    ["/v1/users/me?userId=u-2", "user"],
    ["/v1/users/me/addresses?userId=u-2", "user"],
    ["/v1/notifications?userId=u-2", "user"],
    ["/v1/notifications/subscriptions?user_id=u-2", "user"],
    ["/v1/wallet?userId=u-2", "user"],
  ] as const) {
    test(`nor in the query: ${path}`, async () => {
      const before = received.length;
      assert.equal((await send("GET", path, undefined, token)).status, 400);
      assert.equal(received.length, before);
    });
  }

  test("a field of the path is not said a second time in the body", async () => {
    const before = received.length;
    const { status } = await send("PUT", setTemplate, { text, event: "order_failed" }, "owner");
    const last = received.at(-1) as { event?: string } | undefined;
    assert.ok(status === 400 || last?.event === "order_confirmed", `${status} ${last?.event}`);
    assert.ok(received.length <= before + 1);
  });
});

test("horizontal access: a user's phone is for operators, whoever's it is, so nobody learns who there is", async () => {
  const answers = await Promise.all(
    ["u-1", "u-2", "nobody"].map((userId) => send("GET", `/v1/users/${userId}/phone`, undefined, "user")),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    [403, 403, 403],
  );
  assert.equal(new Set(answers.map(({ text }) => text.replace(/"(traceId|trace_id)":"[0-9a-f]+"/, ""))).size, 1);
});
