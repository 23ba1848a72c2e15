import type { Sql } from "@sampan/data";
import type { Kysely } from "kysely";
import type { AddressStore } from "../address-service.js";
import type { Address } from "../domain/address.js";
import type { UserTables } from "../schema.js";

export function addressStore(sql: Sql<UserTables>): AddressStore {
  return {
    change: (call, work) =>
      sql.transaction(call, (tx) =>
        work({
          list: (userId) => list(tx, userId),
          byId: (userId, addressId) => byId(tx, userId, addressId),
          async add(address) {
            await tx.insertInto("user_address").values(toRow(address)).execute();
          },
          async save(address) {
            const { address_id, user_id, ...row } = toRow(address);
            await tx
              .updateTable("user_address")
              .set(row)
              .where("user_id", "=", user_id)
              .where("address_id", "=", address_id)
              .execute();
          },
          async remove(userId, addressId) {
            await tx
              .deleteFrom("user_address")
              .where("user_id", "=", userId)
              .where("address_id", "=", addressId)
              .execute();
          },
        }),
      ),
    list: (userId) => list(sql.read, userId),
    byId: (userId, addressId) => byId(sql.read, userId, addressId),
  };
}

async function list(db: Kysely<UserTables>, userId: string): Promise<readonly Address[]> {
  const rows = await db
    .selectFrom("user_address")
    .selectAll()
    .where("user_id", "=", userId)
    .orderBy("is_default", "desc")
    .orderBy("address_id", "desc")
    .execute();
  return rows.map(toAddress);
}

async function byId(db: Kysely<UserTables>, userId: string, addressId: string): Promise<Address | undefined> {
  const row = await db
    .selectFrom("user_address")
    .selectAll()
    .where("user_id", "=", userId)
    .where("address_id", "=", addressId)
    .executeTakeFirst();
  return row === undefined ? undefined : toAddress(row);
}

function toAddress(row: UserTables["user_address"]): Address {
  const { address_id, user_id, postal_code, is_default, ...text } = row;
  return { ...text, addressId: address_id, userId: user_id, postalCode: postal_code, isDefault: is_default === 1n };
}

function toRow({ addressId, userId, postalCode, isDefault, ...text }: Address): UserTables["user_address"] {
  const { recipient, phone, province, city, district, street } = text;
  const named = { recipient, phone, province, city, district, street };
  return { ...named, address_id: addressId, user_id: userId, postal_code: postalCode, is_default: isDefault ? 1n : 0n };
}
