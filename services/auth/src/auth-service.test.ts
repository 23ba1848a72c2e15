import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, beforeEach, test } from "node:test";
import { AuthService, OperatorService } from "@sampan/contracts/auth/v1/auth_pb.js";
import { PhoneService } from "@sampan/contracts/user/v1/phone_pb.js";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { type Client, Code, implement, Metadata, RpcError } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import type { KeyValue } from "@sampan/core/ports";
import { openSqlite, type SqliteSql } from "@sampan/data";
import {
  createTokenKeys,
  Passwords,
  Revocations,
  refreshTokenCodec,
  tokenIssuer,
  tokenVerifier,
} from "@sampan/identity";
import { type Login, MiniProgramErrors, type MiniProgramProvider } from "@sampan/miniprogram";
import { createFakeClock, type FakeClock, type InMemory, serveInMemory } from "@sampan/testkit";
import { authService } from "./auth-service.js";
import { operatorService } from "./operator-service.js";
import { type AuthTables, authSchema } from "./schema.js";
import { Sessions } from "./sessions.js";
import { authStore } from "./store.js";

const folder = mkdtempSync(join(tmpdir(), "sampan-auth-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const keys = await createTokenKeys();
const names = { issuer: "i", audience: "a" };
const day = 86_400_000;
const good = "correct horse battery";
const cost = { logN: 4, r: 8, p: 1 };

let clock: FakeClock;
let sql: SqliteSql<AuthTables>;
let memory: InMemory;
let codes: Map<string, Login>;
let verify: (token: string) => Promise<unknown>;
let platform: MiniProgramProvider;
let passwords: Passwords;
let counts: KeyValue;
let files = 0;

beforeEach(async () => {
  clock = createFakeClock();
  codes = new Map();
  files++;
  sql = await openSqlite<AuthTables>({ file: join(folder, `auth-${files}.db`), schemas: [authSchema], clock });
  const store = authStore(sql);
  const revocations = new Revocations();
  const verifier = tokenVerifier({ keys: keys.publicKeys, ...names, revocations, clock });
  verify = (token) => verifier.verify(token);
  platform = {
    name: "wechat",
    async login(code: string): Promise<Login> {
      const login = codes.get(code);
      if (!codes.delete(code) || login === undefined)
        throw MiniProgramErrors.LOGIN_CODE_INVALID({ platform_code: "40029" });
      return login;
    },
    async phoneNumber(code: string) {
      if (code !== "p") throw MiniProgramErrors.PHONE_CODE_INVALID({ platform_code: "40029" });
      return { phoneNumber: "+8613812345678", purePhoneNumber: "13812345678", countryCode: "86" };
    },
  } as unknown as MiniProgramProvider;
  const sessions = new Sessions({
    store,
    tokens: tokenIssuer({ keys, ...names, clock, lifetimeMs: 900_000 }),
    codec: refreshTokenCodec(Buffer.alloc(32, 5)),
    rules: { lifetimeMs: 30 * day, graceMs: 10_000 },
    sessionMs: 180 * day,
    tokenMs: 960_000,
    clock,
    revoked: (revocation) => revocations.add(revocation, clock.now()),
  });
  counts = memoryKeyValue({ clock });
  passwords = new Passwords({ store: counts, clock, cost });
  const tokens = { verify: verifier.verify, publicKeys: async () => keys.publicKeys };
  const known = new Set<string>();
  const users = implement(UserService, {
    ensureUser({ provider, openid, unionid }) {
      const created = !known.has(openid);
      known.add(openid);
      return { user: { userId: `${provider}:${openid}:${unionid}` }, created };
    },
    getUser: () => ({}),
    findUser: () => ({}),
    getMe: () => ({}),
    updateMe: () => ({}),
  });
  const phones = implement(PhoneService, {
    bindPhone: ({ userId, number, countryCode }) => ({ phone: `${userId} ${countryCode} ${number}` }),
    getPhone: () => ({}),
    revealPhone: () => ({}),
  });
  memory = await serveInMemory(
    () => [
      authService({ platform, tokens, store, sessions, passwords, operatorKey: "the key" }),
      operatorService({ store, passwords, sessions }),
      users,
      phones,
    ],
    clock,
  );
});
afterEach(async () => {
  await memory.close();
  await sql.close();
});

const call = <T>(work: (auth: Client<typeof AuthService>) => Promise<T>, subject?: string, address = ""): Promise<T> =>
  memory.runtime.run({ name: "test" }, (root) => {
    const metadata = new Metadata();
    metadata.set("client-address", address);
    const user = subject === undefined ? {} : { user: { subject, roles: ["user"] } };
    return work(root.to(AuthService, { metadata, ...user }));
  });
const operators = <T>(work: (service: Client<typeof OperatorService>) => Promise<T>): Promise<T> =>
  memory.runtime.run({ name: "test" }, (root) => work(root.to(OperatorService)));
const reason = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "ok";
  } catch (error) {
    assert.ok(error instanceof RpcError, String(error));
    return error.reason ?? "";
  }
};
let logins = 0;
const login = async (deviceId = "phone") => {
  codes.set(`code ${++logins}`, { subject: "ann" });
  return call((auth) => auth.loginByCode({ code: `code ${logins}`, deviceId }));
};
const refresh = (refreshToken = "", deviceId = "phone") => call((auth) => auth.refresh({ refreshToken, deviceId }));

test("a code of wx.login becomes a user with a user's tokens, and works once", async () => {
  codes.set("c1", { subject: "ann", unionId: "union", sessionSecret: "secret" });
  codes.set("c2", { subject: "ann" });
  const first = await call((auth) => auth.loginByCode({ code: "c1" }));
  assert.deepEqual([first.userId, first.newUser, first.expiresIn], ["wechat:ann:union", true, 900]);
  const claims = { subject: "wechat:ann:union", roles: ["user"], tenant: "default" };
  assert.deepEqual(await verify(first.accessToken), { ...claims, session: first.session?.signingKeyId });
  assert.equal(await reason(call((auth) => auth.loginByCode({ code: "c1" }))), "LOGIN_CODE_INVALID");
  const second = await call((auth) => auth.loginByCode({ code: "c2" }));
  assert.deepEqual([second.userId, second.newUser], ["wechat:ann:", false]);
  assert.ok(!JSON.stringify([first, second]).includes("secret"), "the session key stays on the server");
});

test("an operator needs the whole key", async () => {
  for (const key of ["the ke", "the key ", "THE KEY", "x"])
    assert.equal(await reason(call((auth) => auth.loginOperator({ key }))), "WRONG_OPERATOR_KEY");
  const { accessToken, session } = await call((auth) => auth.loginOperator({ key: "the key" }));
  assert.deepEqual(await verify(accessToken), {
    subject: "operator",
    roles: ["operator", "owner"],
    tenant: "default",
    scopes: ["operators.manage", "notifications.manage", "payments.reconcile", "users.phone"],
    session: session?.signingKeyId,
  });
});

test("refresh tokens rotate: each works once, and its successor goes on", async () => {
  let { session } = await login();
  for (let i = 0; i < 5; i++) {
    await clock.advance(day);
    const next = await refresh(session?.refreshToken);
    assert.notEqual(next.session?.refreshToken, session?.refreshToken);
    assert.equal(next.session?.refreshExpiresIn, (30 * day) / 1000);
    await verify(next.accessToken);
    session = next.session;
  }
});

test("a device that did not get the answer gets the same successor, also when it asks twice at once", async () => {
  const { session } = await login();
  const answers = await Promise.all([refresh(session?.refreshToken), refresh(session?.refreshToken)]);
  await clock.advance(9000);
  answers.push(await refresh(session?.refreshToken));
  assert.equal(new Set(answers.map((answer) => answer.session?.refreshToken)).size, 1);
  await refresh(answers[0]?.session?.refreshToken);
});

test("reuse of refresh tokens: the session ends for thief and owner, with its access tokens", async () => {
  const { session } = await login();
  const owner = await refresh(session?.refreshToken);
  const other = await login();
  await clock.advance(10_001);
  assert.equal(await reason(refresh(session?.refreshToken)), "REFRESH_REUSED");
  assert.equal(await reason(refresh(owner.session?.refreshToken)), "REFRESH_INVALID");
  assert.equal(await reason(verify(owner.accessToken)), "TOKEN_REVOKED");
  await verify(other.accessToken);
  const { revocations, last } = await call((auth) => auth.listRevocations({ after: 0n }));
  assert.deepEqual([revocations[0]?.id, last], [session?.signingKeyId, 1n]);
});

test("stolen refresh token: another device ends the session", async () => {
  const { session } = await login();
  assert.equal(await reason(refresh(session?.refreshToken, "laptop")), "REFRESH_REUSED");
  assert.equal(await reason(refresh(session?.refreshToken)), "REFRESH_INVALID");
});

test("refresh token tampering: a made-up token is refused, and ends nobody's session", async () => {
  const { session } = await login();
  const text = session?.refreshToken ?? "";
  for (const forged of [
    `${text}x`,
    text.replace(".0.", ".1."),
    "sr1.a.0.b",
    refreshTokenCodec(Buffer.alloc(32, 6)).write({ session: session?.signingKeyId ?? "", generation: 0 }),
  ])
    assert.equal(await reason(refresh(forged)), "REFRESH_INVALID");
  await refresh(text);
});

test("a refresh token that was not used expires, and so does a session", async () => {
  let { session } = await login();
  const idle = await login();
  await clock.advance(30 * day);
  assert.equal(await reason(refresh(idle.session?.refreshToken)), "REFRESH_EXPIRED");
  session = (await login()).session;
  for (let i = 0; i < 8; i++) {
    await clock.advance(20 * day);
    session = (await refresh(session?.refreshToken)).session;
  }
  await clock.advance(20 * day);
  assert.match(await reason(refresh(session?.refreshToken)), /^REFRESH_(EXPIRED|INVALID)$/);
});

test("logout ends one session, and a second time is no error", async () => {
  const [one, two] = [await login(), await login()];
  const refreshToken = one.session?.refreshToken ?? "";
  for (let i = 0; i < 2; i++) await call((auth) => auth.logout({ refreshToken }));
  await call((auth) => auth.logout({ refreshToken: "no token" }));
  assert.equal(await reason(refresh(refreshToken)), "REFRESH_INVALID");
  assert.equal(await reason(verify(one.accessToken)), "TOKEN_REVOKED");
  await verify(two.accessToken);
  assert.equal(
    await reason(call((auth) => auth.getSigningKey({ keyId: one.session?.signingKeyId ?? "" }))),
    "UNKNOWN_SIGNING_KEY",
  );
  const { secret } = await call((auth) => auth.getSigningKey({ keyId: two.session?.signingKeyId ?? "" }));
  assert.equal(secret, two.session?.signingKey);
});

test("logout everywhere ends every session of the user, and leaves those of others and later ones", async () => {
  const mine = [await login(), await login("tablet")];
  codes.set("ben", { subject: "ben" });
  const ben = await call((auth) => auth.loginByCode({ code: "ben" }));
  await call((auth) => auth.logoutEverywhere({}), mine[0]?.userId);
  await clock.advance(1);
  for (const { accessToken, session } of mine) {
    assert.equal(await reason(verify(accessToken)), "TOKEN_REVOKED");
    assert.equal(await reason(refresh(session?.refreshToken)), "REFRESH_INVALID");
  }
  await verify(ben.accessToken);
  await verify((await login()).accessToken);
  assert.equal(await reason(call((auth) => auth.logoutEverywhere({}))), "USER_REQUIRED");
});

test("a token can be validated by others, who learn why it is refused", async () => {
  const { accessToken, session, userId } = await login();
  const validate = (token: string) => call((auth) => auth.validateToken({ token }));
  const known = await validate(accessToken);
  assert.deepEqual(
    [known.active, known.subject, known.roles, known.session],
    [true, userId, ["user"], session?.signingKeyId],
  );
  assert.deepEqual([(await validate("x")).active, (await validate("x")).reason], [false, "TOKEN_INVALID"]);
  await call((auth) => auth.logout({ refreshToken: session?.refreshToken ?? "" }));
  assert.equal((await validate(accessToken)).reason, "TOKEN_REVOKED");
  await clock.advance(day);
  assert.equal((await validate(accessToken)).reason, "TOKEN_EXPIRED");
});

test("the key set is published as it is, without anything private", async () => {
  const { body } = await call((auth) => auth.getKeySet({}));
  assert.equal(body?.contentType, "application/jwk-set+json");
  assert.deepEqual(JSON.parse(new TextDecoder().decode(body?.data)), keys.publicKeys);
});

test("an operator logs in by password, with what the roles allow; new roles end the sessions", async () => {
  const password = good;
  const { operator } = await operators((service) =>
    service.createOperator({ name: "mei", password, roles: ["support"] }),
  );
  assert.deepEqual(operator?.roles, ["operator", "support"]);
  const answer = await call((auth) => auth.loginByPassword({ name: "mei", password }));
  const claims = {
    subject: "operator/mei",
    roles: ["operator", "support"],
    tenant: "default",
    scopes: ["users.phone"],
  };
  assert.deepEqual(await verify(answer.accessToken), { ...claims, session: answer.session?.signingKeyId });
  await operators((service) => service.setOperatorRoles({ name: "mei", roles: [] }));
  assert.equal(await reason(verify(answer.accessToken)), "TOKEN_REVOKED");
  assert.equal(await reason(refresh(answer.session?.refreshToken, "")), "REFRESH_INVALID");
  await operators((service) => service.setOperatorPassword({ name: "mei", password: `${password} 2` }));
  assert.equal(await reason(call((auth) => auth.loginByPassword({ name: "mei", password }))), "LOGIN_REFUSED");
  const { operators: all } = await operators((service) => service.listOperators({}));
  assert.deepEqual(
    all.map(({ name, roles }) => [name, roles]),
    [["mei", ["operator"]]],
  );
  assert.ok(!JSON.stringify(all).includes("scrypt"));
});

test("operators: unknown roles, names that are taken or unknown, and unfit passwords are refused", async () => {
  const create = (change: object) =>
    reason(
      operators((service) => service.createOperator({ name: "mei", password: good, roles: ["owner"], ...change })),
    );
  assert.equal(await create({ roles: ["root"] }), "UNKNOWN_ROLE");
  assert.equal(await create({ roles: ["constructor"] }), "UNKNOWN_ROLE");
  assert.equal(await create({ password: "short" }), "PASSWORD_UNFIT");
  assert.equal(await create({}), "ok");
  assert.equal(await create({}), "OPERATOR_EXISTS");
  assert.equal(
    await reason(operators((service) => service.setOperatorRoles({ name: "x", roles: [] }))),
    "UNKNOWN_OPERATOR",
  );
  assert.equal(
    await reason(operators((service) => service.setOperatorPassword({ name: "x", password: good }))),
    "UNKNOWN_OPERATOR",
  );
});

test("user enumeration: unknown operators are refused and locked like known ones, by address too", async () => {
  await operators((service) => service.createOperator({ name: "mei", password: good, roles: ["owner"] }));
  const attempt = (name: string, address: string) =>
    reason(call((auth) => auth.loginByPassword({ name, password: "wrong wrong wrong" }), undefined, address));
  const tries = async (name: string) => {
    const seen: string[] = [];
    for (let i = 0; i < 6; i++) seen.push(await attempt(name, `10.0.0.${i}`));
    return seen;
  };
  assert.deepEqual(await tries("nobody"), await tries("mei"));
  for (let i = 0; i < 20; i++) await attempt(`n${i}`, "10.9.9.9");
  assert.equal(await attempt("fresh", "10.9.9.9"), "LOGIN_LOCKED");
  assert.equal(await attempt("fresh", "10.9.9.8"), "LOGIN_REFUSED");
  for (let i = 0; i < 20; i++) await attempt(`v6-${i}`, `2001:db8::${i}`);
  assert.equal(await attempt("another", "2001:db8::ffff"), "LOGIN_LOCKED", "one network is one guesser");
});

test("wrong passwords are counted for all instances together, and nobody logs in while they cannot be", async () => {
  const another = new Passwords({ store: counts, clock, cost });
  const wrong = { account: "mei", password: "wrong wrong wrong", address: "10.0.0.1", hash: undefined };
  const seen: string[] = [];
  for (let i = 0; i < 6; i++) seen.push(await reason((i % 2 === 0 ? passwords : another).check(wrong)));
  assert.deepEqual(seen, [...Array.from({ length: 5 }, () => "LOGIN_REFUSED"), "LOGIN_LOCKED"]);
  const away = async (): Promise<never> => {
    throw new RpcError(Code.Unavailable, "the store is away");
  };
  const alone = new Passwords({ store: { ...counts, get: away, compareAndSet: away }, clock, cost });
  const hash = await alone.hash(good, "mei");
  const outcome = alone.check({ ...wrong, password: good, hash }).catch((error: RpcError) => error.code);
  assert.equal(await outcome, Code.Unavailable);
});

test("a phone that the platform vouches for is bound to the caller", async () => {
  const { phone } = await call((auth) => auth.bindPhone({ code: "p" }), "u1");
  assert.equal(phone, "u1 86 13812345678");
  assert.equal(await reason(call((auth) => auth.bindPhone({ code: "used" }), "u1")), "PHONE_CODE_INVALID");
  delete (platform as { phoneNumber?: unknown }).phoneNumber;
  assert.equal(await reason(call((auth) => auth.bindPhone({ code: "p" }), "u1")), "PHONE_NOT_OFFERED");
  const nobody = call((auth) => auth.bindPhone({ code: "p" })).catch((error: RpcError) => error.code);
  assert.equal(await nobody, Code.Unauthenticated);
});
