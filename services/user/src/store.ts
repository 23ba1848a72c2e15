import type { Sql } from "@sampan/data";
import type { Kysely } from "kysely";
import type { User } from "./domain/user.js";
import type { UserTables } from "./schema.js";
import type { UserLookup, UserStore } from "./user-service.js";

export function userStore(sql: Sql<UserTables>): UserStore {
  return {
    ...lookup(sql.read),
    change: (call, work) =>
      sql.transaction(call, (tx) =>
        work({
          ...lookup(tx),
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
          async addIdentity(userId, { provider, openid }) {
            await tx.insertInto("user_identity").values({ provider, openid, user_id: userId }).execute();
          },
          async addUnionid(userId, vendor, unionid) {
            await tx.insertInto("user_union").values({ vendor, unionid, user_id: userId }).execute();
          },
        }),
      ),
  };
}

function lookup(db: Kysely<UserTables>): UserLookup {
  const byId = async (userId: string | undefined): Promise<User | undefined> => {
    if (userId === undefined) return undefined;
    const row = await db.selectFrom("app_user").selectAll().where("user_id", "=", userId).executeTakeFirst();
    return row === undefined ? undefined : toUser(row);
  };
  return {
    byId,
    async byIdentity({ provider, openid }) {
      const row = await db
        .selectFrom("user_identity")
        .select("user_id")
        .where("provider", "=", provider)
        .where("openid", "=", openid)
        .executeTakeFirst();
      return byId(row?.user_id);
    },
    async byUnionid(vendor, unionid) {
      const row = await db
        .selectFrom("user_union")
        .select("user_id")
        .where("vendor", "=", vendor)
        .where("unionid", "=", unionid)
        .executeTakeFirst();
      return byId(row?.user_id);
    },
    async openidOf(userId, provider) {
      const row = await db
        .selectFrom("user_identity")
        .select("openid")
        .where("user_id", "=", userId)
        .where("provider", "=", provider)
        .orderBy("openid")
        .executeTakeFirst();
      return row?.openid;
    },
  };
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
