// limit: 120s
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Door, onPhone } from "../bad-input/door.fixture.js";
import { goodOrder } from "../bad-input/order-cases.fixture.js";
import { tokenCases } from "../bad-input/token-cases.fixture.js";
import { found, type Secret, secretsIn, valuesOf } from "./secrets.fixture.js";

const lines: string[] = [];
let door: Door;
/** What the outside was told, body by body. */
const answers: string[] = [];
const refusals: string[] = [];
const given: Secret[] = [];

const phone = "13912345678";
const password = "correct horse battery staple 7";
const wrongPassword = "incorrect horse battery staple 8";
const wrongKey = "an operator key that somebody guessed";

async function asked(answer: Promise<{ status: number; body: unknown }>): Promise<unknown> {
  const { status, body } = await answer;
  (status < 300 ? answers : refusals).push(JSON.stringify(body));
  if (status < 300) given.push(...valuesOf(body, ["accessToken", "refreshToken", "signingKey"]));
  return body;
}

before(async () => {
  door = await Door.open({
    process: { logLevel: "debug", adminPort: 0 },
    run: { signals: false, logSink: { write: (line) => lines.push(line) > 0, flush() {} } },
  });
  given.push(["a user's access token", door.user.token], ["an operator's access token", door.operator]);
  const { standinUrl } = door.platform;
  const login = async (): Promise<unknown> => {
    const { code } = await onPhone(standinUrl, "/_control/login-codes", { openid: "o-secret" });
    given.push(["a login code", code]);
    await asked(door.post("/v1/auth/login", { code, deviceId: "phone" }));
    // Used up, and refused.
    return asked(door.post("/v1/auth/login", { code, deviceId: "phone" }));
  };
  await login();
  const refreshToken = given.findLast(([name]) => name === "refreshToken")?.[1] ?? "";
  await asked(door.post("/v1/auth/refresh", { refreshToken, deviceId: "phone" }));
  await asked(door.post("/v1/auth/refresh", { refreshToken: `${refreshToken}x`, deviceId: "phone" }));
  await asked(door.post("/v1/auth/refresh", { refreshToken, deviceId: "another" }));

  await asked(door.post("/v1/auth/operator", { key: wrongKey }));
  await asked(door.post("/v1/operators", { name: "mei", password, roles: ["operator"] }, door.operator));
  await asked(door.post("/v1/auth/password", { name: "mei", password }));
  await asked(door.post("/v1/auth/password", { name: "mei", password: wrongPassword }));
  given.push(["a password", password], ["a wrong password", wrongPassword], ["a wrong operator key", wrongKey]);

  for (const [, authorization] of await tokenCases(door)) {
    const headers = authorization === undefined ? [] : [["Authorization", authorization] as const];
    await asked(door.send({ path: "/v1/orders", headers, body: goodOrder() }));
    if ((authorization?.length ?? 0) > 40) given.push(["a refused credential", authorization as string]);
  }
  const address = { recipient: "Li Mei", phone, province: "Zhejiang", city: "Hangzhou", street: "West Lake Road 1" };
  await asked(door.post("/v1/users/me/addresses", address, door.user.token));
  // A message to the user needs the platform's access token.
  await asked(door.post("/v1/orders", goodOrder({ idempotencyKey: "told" }), door.user.token));
  while (!secretsIn(door.data).some(([name]) => name === "token"))
    await new Promise((resolve) => setTimeout(resolve, 20));
  // A payment, and the platform at its worst.
  const awaiting = goodOrder({ paymentMethod: "PAYMENT_METHOD_PAY_ORDER", idempotencyKey: "secret" });
  await asked(door.post("/v1/orders", awaiting, door.user.token));
  for (const kind of ["busy", "garbage", "drop", "drop-after", "forged", "unsigned"]) {
    await onPhone(standinUrl, "/_control/faults", { kind, path: "/", times: 1 });
    await login();
    await onPhone(standinUrl, "/_control/faults", { kind, path: "/v3/", times: 1 });
    await asked(door.post("/v1/orders", { ...awaiting, idempotencyKey: kind }, door.user.token));
  }
  given.push(["a phone number", phone]);
});
after(() => door.close());

/** Of the platform and of what was said in this test. The tokens that were refused are not in the first. */
const all = (): Secret[] => [...secretsIn(door.data), ...given];

describe("secrets", () => {
  test("the search finds what is there, in each form", () => {
    const secret = 'a "secret" / of ours';
    for (const text of [
      secret,
      JSON.stringify({ secret }),
      encodeURIComponent(secret),
      Buffer.from(secret).toString("hex"),
    ])
      assert.deepEqual(found([["s", secret]], `before ${text} after`), ["s"], text);
    const names = new Set(all().map(([name]) => name));
    for (const name of ["accessToken", "refreshToken", "signingKey", "sessionKey", "token", "a refused credential"])
      assert.ok(names.has(name), `the test has no ${name}`);
    assert.ok(all().every(([, value]) => value.length >= 6));
  });

  test("are in no log line, at any level", () => {
    const text = lines.join("\n");
    assert.match(text, /LoginByPassword/);
    assert.deepEqual(found(all(), text), []);
  });

  test("are in no answer about an error", () => {
    const text = refusals.join("\n");
    assert.ok(refusals.length > 20, `${refusals.length} refusals`);
    assert.deepEqual(found(all(), text), []);
  });

  test("that are the platform's are in no answer at all", () => {
    assert.deepEqual(found(secretsIn(door.data), answers.join("\n")), []);
  });

  test("are on no page of the admin port", async () => {
    const index = await (await fetch(door.platform.adminUrl)).text();
    const paths = [...new Set([...index.matchAll(/\/[a-z][a-z/-]*/g)].map(([path]) => path))];
    assert.ok(paths.includes("/metrics") && paths.includes("/traces"), index);
    for (const path of [...paths, "/traces?limit=1000"]) {
      const text = await (await fetch(door.platform.adminUrl + path)).text();
      assert.deepEqual(found(all(), text), [], path);
    }
  });
});
