import { createHash } from "node:crypto";
import { Code, defineErrors } from "@sampan/core";
export const IdempotencyErrors = defineErrors("idempotency", {
    IDEMPOTENCY_KEY_REUSED: {
        code: Code.AlreadyExists,
        message: "the idempotency key {key} was used for another request",
        fix: "send the same request again, or another request under a new key",
    },
});
export const idempotencySchema = {
    name: "idempotency",
    migrations: [
        {
            id: "0001-keys",
            up: [
                `create table sampan_idempotency_key (
          scope varchar(200) not null,
          "key" varchar(300) not null,
          digest varchar(64) not null,
          value text not null,
          created_at bigint not null,
          primary key (scope, "key")
        )`,
            ],
        },
    ],
};
/**
 * Claims a key inside the transaction that does the work. Undefined when the key is new: do the work. Otherwise the
 * value of its first use: the work is done. Rejects with `IDEMPOTENCY_KEY_REUSED` when the request is another one.
 */
export async function claimKey(tx, claim) {
    const used = await findKey(tx, claim);
    if (used !== undefined)
        return used;
    await keysOf(tx)
        .insertInto("sampan_idempotency_key")
        .values({
        scope: claim.scope,
        key: claim.key,
        digest: digestOf(claim.request),
        value: claim.value,
        created_at: BigInt(claim.now),
    })
        .execute();
    return undefined;
}
/** The value of a key's first use, without claiming it. Rejects as `claimKey` does. */
export async function findKey(db, { scope, key, request }) {
    const row = await keysOf(db)
        .selectFrom("sampan_idempotency_key")
        .select(["digest", "value"])
        .where("scope", "=", scope)
        .where("key", "=", key)
        .executeTakeFirst();
    if (row === undefined)
        return undefined;
    if (row.digest !== digestOf(request))
        throw IdempotencyErrors.IDEMPOTENCY_KEY_REUSED({ key });
    return row.value;
}
/** The service's own table map need not know this table. */
function keysOf(db) {
    return db;
}
/** Messages of one schema write their fields in one order, so equal requests have equal text. */
function digestOf(request) {
    const text = JSON.stringify(request, (_, value) => typeof value === "bigint" ? `${value}n` : value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value);
    return createHash("sha256").update(text).digest("hex");
}
//# sourceMappingURL=index.js.map