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
