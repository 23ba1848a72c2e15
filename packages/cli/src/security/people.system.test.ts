// limit: 120s
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Door, onPhone } from "../bad-input/door.fixture.js";
import { found, type Secret } from "./secrets.fixture.js";

const number = "13812341234";
const home = { recipient: "Lin Mei", phone: "13987654321", city: "Hangzhou", street: "West Lake Road 1" };
const password = "correct horse battery staple 7";
const secrets: readonly Secret[] = [
  ["the bound number", number],
  ["the number of an address", home.phone],
];

const lines: string[] = [];
let door: Door;
let code = "";
let support = "";
let plain = "";
let addressId = "";
before(async () => {
  door = await Door.open({
    process: { logLevel: "debug", adminPort: 0 },
    run: { signals: false, logSink: { write: (line) => lines.push(line) > 0, flush() {} } },
  });
  for (const [name, roles] of [
    ["support", ["support"]],
    ["plain", ["operator"]],
  ] as const)
    await door.must(201, door.post("/v1/operators", { name, password, roles }, door.operator));
  const login = async (name: string) =>
    (await door.must(200, door.post("/v1/auth/password", { name, password }))).accessToken;
  [support, plain] = [await login("support"), await login("plain")];
  ({ code } = await onPhone(door.platform.standinUrl, "/_control/phone-codes", {
    openid: "o-user",
    phoneNumber: number,
  }));
  addressId = (await door.must(201, door.post("/v1/users/me/addresses", home, door.user.token))).addressId;
});
after(() => door.close());

const bearer = (token: string) => [["Authorization", `Bearer ${token}`]] as const;
const get = (path: string, token: string) => door.send({ method: "GET", path, headers: bearer(token) });
const put = (path: string, token: string, body: object) =>
  door.send({ method: "PUT", path, headers: bearer(token), body });

describe("a phone number", () => {
  test("is bound with the code of the platform's phone button, which works once", async () => {
    assert.equal((await door.must(200, door.post("/v1/auth/phone", { code }, door.user.token))).phone, "138****1234");
    assert.equal((await door.post("/v1/auth/phone", { code }, door.other.token)).status, 400);
    assert.equal((await get("/v1/users/me", door.user.token)).body.phone, "138****1234");
    assert.equal((await get("/v1/users/me", door.other.token)).body.phone, "");
  });

  test("is shown whole to operators with the scope, in part to others, and to no user", async () => {
    const path = `/v1/users/${door.user.userId}/phone`;
    const whole = { phone: number, countryCode: "86" };
    assert.deepEqual((await get(path, door.operator)).body, whole);
    assert.deepEqual((await get(path, support)).body, whole);
    assert.deepEqual((await get(path, plain)).body, { ...whole, phone: "138****1234" });
    for (const { token } of [door.user, door.other]) assert.equal((await get(path, token)).status, 403);
  });

  test("is in no log line, at any level, and in no refusal", async () => {
    const wrong = await door.post("/v1/auth/phone", { code: number }, door.user.token);
    const address = await door.post("/v1/users/me/addresses", { ...home, recipient: "" }, door.user.token);
    assert.deepEqual([wrong.status, address.status], [400, 400]);
    assert.deepEqual(found(secrets, JSON.stringify([wrong.body, address.body])), []);
    assert.match(lines.join("\n"), /BindPhone/);
    assert.deepEqual(found(secrets, lines.join("\n")), []);
  });
});

describe("another user's address", () => {
  const refused = (answer: { status: number; body: unknown }) => [
    answer.status,
    JSON.stringify(answer.body).includes("UNKNOWN_ADDRESS"),
  ];

  test("looks as if it did not exist, to be read and to be changed", async () => {
    const path = `/v1/users/me/addresses/${addressId}`;
    assert.deepEqual(refused(await get(path, door.other.token)), [404, true]);
    assert.deepEqual(refused(await put(path, door.other.token, home)), [404, true]);
    assert.deepEqual(
      refused(await door.send({ method: "POST", path: `${path}:default`, headers: bearer(door.other.token) })),
      [404, true],
    );
    const absent = await get("/v1/users/me/addresses/nothing", door.other.token);
    assert.deepEqual(refused(absent), [404, true]);
  });

  test("is still there when somebody else deletes it", async () => {
    const path = `/v1/users/me/addresses/${addressId}`;
    await door.send({ method: "DELETE", path, headers: bearer(door.other.token) });
    assert.equal((await get(path, door.user.token)).body.street, home.street);
    assert.deepEqual((await get("/v1/users/me/addresses", door.other.token)).body.addresses, []);
  });
});
