import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UserService } from "@sampan/contracts/user/v1/user_pb.js";
import { type Client, Code, RpcError } from "@sampan/core";
import { openSqlite, type SqliteSql } from "@sampan/data";
import { createFakeClock, type InMemory, serveInMemory } from "@sampan/testkit";
import { type UserTables, userSchema } from "./schema.js";
import { userStore } from "./store.js";
import { userService } from "./user-service.js";

const clock = createFakeClock();
const folder = mkdtempSync(join(tmpdir(), "sampan-user-"));
let sql: SqliteSql<UserTables>;
let memory: InMemory;
before(async () => {
  sql = await openSqlite<UserTables>({ file: join(folder, "user.db"), schemas: [userSchema], clock });
  memory = await serveInMemory(() => [userService({ store: userStore(sql), clock })], clock);
});
after(async () => {
  await memory.close();
  await sql.close();
  rmSync(folder, { recursive: true, force: true });
});

const call = <T>(work: (users: Client<typeof UserService>) => Promise<T>, subject?: string): Promise<T> =>
  memory.runtime.run({ name: "test" }, (root) =>
    work(root.to(UserService, subject === undefined ? {} : { user: { subject, roles: ["user"] } })),
  );
const ensure = (openid: string, unionid = "", provider = "wechat") =>
  call((users) => users.ensureUser({ provider, openid, unionid }));
const refused = (reason: string) => (error: unknown) => error instanceof RpcError && error.reason === reason;

test("an openid is one user of its platform, made at the first login", async () => {
  const first = await ensure("ann");
  const again = await ensure("ann");
  assert.deepEqual([first.created, again.created, again.user?.userId], [true, false, first.user?.userId]);
  assert.notEqual((await ensure("ann", "", "douyin")).user?.userId, first.user?.userId);
});

test("twenty first logins at once make one user", async () => {
  const answers = await Promise.all(Array.from({ length: 20 }, () => ensure("ben")));
  assert.equal(new Set(answers.map(({ user }) => user?.userId)).size, 1);
  assert.equal(answers.filter(({ created }) => created).length, 1);
});

test("a unionid is learnt when the platform tells it, and not forgotten when it does not", async () => {
  await ensure("cat");
  assert.equal((await ensure("cat", "union")).user?.unionid, "union");
  const { user } = await ensure("cat");
  assert.equal(user?.unionid, "union");
  const stored = await call((users) => users.getUser({ userId: user?.userId ?? "" }));
  assert.equal(stored.user?.unionid, "union");
});

test("a unionid finds the user in another app of the same vendor, and in no other vendor's", async () => {
  const first = await ensure("eve", "union-e");
  const other = await ensure("eve-tickets", "union-e", "wechat-tickets");
  assert.deepEqual([other.created, other.user?.userId], [false, first.user?.userId]);
  assert.deepEqual([other.user?.provider, other.user?.openid], ["wechat-tickets", "eve-tickets"]);
  // From now on the openid is enough.
  assert.equal((await ensure("eve-tickets", "", "wechat-tickets")).user?.userId, first.user?.userId);
  const foreign = await ensure("eve-abroad", "union-e", "douyin");
  assert.deepEqual([foreign.created, foreign.user?.userId === first.user?.userId], [true, false]);
});

test("ten first logins at once from two apps, with one unionid, make one user", async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, i) => ensure(`fay-${i % 2}`, "union-f", i % 2 === 0 ? "wechat" : "wechat-tickets")),
  );
  assert.equal(new Set(answers.map(({ user }) => user?.userId)).size, 1);
  assert.equal(answers.filter(({ created }) => created).length, 1);
});

test("two users who turn out to be one person stay two, each with their openid", async () => {
  const early = await ensure("gus");
  const late = await ensure("gus-tickets", "union-g", "wechat-tickets");
  const told = await ensure("gus", "union-g");
  assert.deepEqual([told.user?.userId, told.user?.unionid], [early.user?.userId, ""]);
  assert.notEqual(late.user?.userId, early.user?.userId);
  assert.equal((await ensure("gus-third", "union-g", "wechat-third")).user?.userId, late.user?.userId);
});

test("what another app calls the user is told when it is asked for", async () => {
  const { user } = await ensure("hal", "union-h");
  await ensure("hal-tickets", "union-h", "wechat-tickets");
  const userId = user?.userId ?? "";
  const openid = async (provider?: string) =>
    (await call((users) => users.getUser({ userId, ...(provider === undefined ? {} : { provider }) }))).user?.openid;
  assert.deepEqual(
    [await openid(), await openid("wechat"), await openid("wechat-tickets"), await openid("douyin")],
    ["hal", "hal", "hal-tickets", ""],
  );
});

test("users from before identities had a table are found by openid and unionid", async () => {
  const file = join(folder, "old.db");
  const [users, phones] = userSchema.migrations;
  assert.ok(users !== undefined && phones !== undefined);
  const old = await openSqlite<UserTables>({ file, schemas: [{ ...userSchema, migrations: [users, phones] }], clock });
  const before = await serveInMemory(() => [], clock);
  const row = { nickname: "", created_at: 1n, phone: "", phone_country: "" };
  const add = (user_id: string, openid: string, unionid: string) =>
    before.runtime.run({ name: "test" }, (root) =>
      old.transaction(root, (tx) =>
        tx
          .insertInto("app_user")
          .values({ ...row, user_id, provider: "wechat", openid, unionid })
          .execute(),
      ),
    );
  await add("01", "ida", "union-i");
  await add("02", "ida-again", "union-i");
  await old.close();
  const now = await openSqlite<UserTables>({ file, schemas: [userSchema], clock });
  const store = userStore(now);
  assert.equal((await store.byIdentity({ provider: "wechat", openid: "ida-again" }))?.userId, "02");
  assert.equal((await store.byUnionid("wechat", "union-i"))?.userId, "01");
  await now.close();
  await before.close();
});

test("a user sees and changes their own profile, and learns nothing of their openid", async () => {
  const { user } = await ensure("dan");
  const userId = user?.userId ?? "";
  const { profile } = await call((users) => users.updateMe({ nickname: "丹" }), userId);
  assert.equal(profile?.nickname, "丹");
  const me = await call((users) => users.getMe({}), userId);
  assert.deepEqual([me.profile?.userId, me.profile?.nickname], [userId, "丹"]);
  assert.ok(
    !JSON.stringify(me.profile, (_, value) => (typeof value === "bigint" ? `${value}` : value)).includes("dan"),
  );
});

test("who is unknown, or nobody, has no profile", async () => {
  await assert.rejects(
    call((users) => users.getUser({ userId: "ghost" })),
    refused("UNKNOWN_USER"),
  );
  await assert.rejects(
    call((users) => users.getMe({}), "ghost"),
    refused("UNKNOWN_USER"),
  );
  await assert.rejects(
    call((users) => users.updateMe({ nickname: "x" }), "ghost"),
    refused("UNKNOWN_USER"),
  );
  await assert.rejects(
    call((users) => users.getMe({})),
    (error: RpcError) => error.code === Code.Unauthenticated,
  );
});
