import { createHash } from "node:crypto";
import { Code, defineErrors, type Errors } from "@sampan/core";
import type { Kysely } from "kysely";
import type { Schema } from "../sql/contract.js";

export const IdempotencyErrors: Errors<"IDEMPOTENCY_KEY_REUSED"> = defineErrors("idempotency", {
  IDEMPOTENCY_KEY_REUSED: {
    code: Code.AlreadyExists,
    message: "the idempotency key {key} was used for another request",
    fix: "send the same request again, or another request under a new key",
  },
});

/** The table of used keys, in the service's own database. */
interface IdempotencyTables {
  sampan_idempotency_key: {
    scope: string;
    key: string;
    digest: string;
    value: string;
    created_at: bigint;
  };
}

export const idempotencySchema: Schema = {
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

/** A request that may be sent again. */
export interface Claim {
  /** What the key is unique in, such as a method and a user. */
  readonly scope: string;
  readonly key: string;
  /** Compared with the first request's: everything that must be the same. Bigints are allowed. */
  readonly request: unknown;
  /** Kept for the next time, such as the id of what was created. */
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Claims a key inside the transaction that does the work. Undefined when the key is new: do the work. Otherwise the
 * value of its first use: the work is done. Rejects with `IDEMPOTENCY_KEY_REUSED` when the request is another one.
 */
export async function claimKey<DB>(tx: Kysely<DB>, claim: Claim): Promise<string | undefined> {
  const used = await findKey(tx, claim);
  if (used !== undefined) return used;
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
export async function findKey<DB>(
  db: Kysely<DB>,
  { scope, key, request }: Pick<Claim, "scope" | "key" | "request">,
): Promise<string | undefined> {
  const row = await keysOf(db)
    .selectFrom("sampan_idempotency_key")
    .select(["digest", "value"])
    .where("scope", "=", scope)
    .where("key", "=", key)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.digest !== digestOf(request)) throw IdempotencyErrors.IDEMPOTENCY_KEY_REUSED({ key });
  return row.value;
}

/** The service's own table map need not know this table. */
function keysOf<DB>(db: Kysely<DB>): Kysely<IdempotencyTables> {
  return db as unknown as Kysely<IdempotencyTables>;
}

/** Messages of one schema write their fields in one order, so equal requests have equal text. */
function digestOf(request: unknown): string {
  const text = JSON.stringify(request, (_, value: unknown) =>
    typeof value === "bigint"
      ? `${value}n`
      : value instanceof Uint8Array
        ? Buffer.from(value).toString("base64")
        : value,
  );
  return createHash("sha256").update(text).digest("hex");
}
