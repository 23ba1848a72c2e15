import type { Sql } from "@sampan/data";
import type { Kysely } from "kysely";
import type { User } from "./domain/user.js";
import type { UserTables } from "./schema.js";
import type { UserStore } from "./user-service.js";

export function userStore(sql: Sql<UserTables>): UserStore {
  return {
    change: (call, work) =>
      sql.transaction(call, (tx) =>
        work({
          byOpenid: (provider, openid) => byOpenid(tx, provider, openid),
          byId: (userId) => byId(tx, userId),
          async save(user) {
            const row = toRow(user);
            const { unionid, nickname, phone, phone_country } = row;
            const updated = await tx
              .updateTable("app_user")
              .set({ unionid, nickname, phone, phone_country })
              .where("user_id", "=", row.user_id)
              .executeTakeFirst();
            if (updated.numUpdatedRows === 0n) await tx.insertInto("app_user").values(row).execute();
          },
        }),
      ),
    byId: (userId) => byId(sql.read, userId),
    byOpenid: (provider, openid) => byOpenid(sql.read, provider, openid),
  };
}

async function byId(db: Kysely<UserTables>, userId: string): Promise<User | undefined> {
  const row = await db.selectFrom("app_user").selectAll().where("user_id", "=", userId).executeTakeFirst();
  return row === undefined ? undefined : toUser(row);
}

async function byOpenid(db: Kysely<UserTables>, provider: string, openid: string): Promise<User | undefined> {
  const row = await db
    .selectFrom("app_user")
    .selectAll()
    .where("provider", "=", provider)
    .where("openid", "=", openid)
    .executeTakeFirst();
  return row === undefined ? undefined : toUser(row);
}

function toUser(row: UserTables["app_user"]): User {
  const { user_id, provider, openid, unionid, nickname, created_at, phone, phone_country } = row;
  const known = { userId: user_id, provider, openid, unionid, nickname, createdAt: Number(created_at) };
  return { ...known, phone: { number: phone, countryCode: phone_country } };
}

function toRow({ userId, provider, openid, unionid, nickname, createdAt, phone }: User): UserTables["app_user"] {
  const known = { user_id: userId, provider, openid, unionid, nickname, created_at: BigInt(createdAt) };
  return { ...known, phone: phone.number, phone_country: phone.countryCode };
}
