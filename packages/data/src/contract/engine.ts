import { type Call, Runtime } from "@sampan/core";
import type { Schema, Sql } from "../sql/contract.js";

/** What a SQL engine gives to be tested. */
export interface SqlEngine {
  /** The column type for binary values in this engine's DDL, such as `blob` or `bytea`. */
  readonly bytesType: string;
  /** A new, empty database. */
  create(): Promise<TestDatabase>;
}

export interface TestDatabase {
  /** Opens it; after `close()` of the last one it may be opened again, with its data. */
  open(schemas: readonly Schema[]): Promise<Sql<ContractTables>>;
  /** Called at the end, with nothing open. */
  remove(): Promise<void>;
}

export interface ContractTables {
  account: { id: bigint | number; balance: bigint | number; tag: string | null };
  entry: {
    id: bigint | number;
    account_id: bigint | number;
    note: string;
    bytes: Uint8Array | null;
    ratio: number | null;
  };
}

/** The tables of the suite, in DDL that every engine takes. */
export function contractSchema(engine: SqlEngine): Schema {
  return {
    name: "contract",
    migrations: [
      {
        id: "0001-tables",
        up: [
          `create table account (id bigint not null primary key, balance bigint not null, tag varchar(100),
           constraint balance_not_negative check (balance >= 0), constraint tag_once unique (tag))`,
          `create table entry (id bigint not null primary key, account_id bigint not null references account (id),
           note varchar(1000) not null, bytes ${engine.bytesType}, ratio double precision)`,
        ],
      },
    ],
  };
}

/** Opens a database with the suite's tables for the time of one test. */
export async function withDatabase(
  engine: SqlEngine,
  test: (sql: Sql<ContractTables>, newCall: () => Call) => Promise<void>,
): Promise<void> {
  const database = await engine.create();
  try {
    const sql = await database.open([contractSchema(engine)]);
    try {
      await test(sql, newCall);
    } finally {
      await sql.close();
    }
  } finally {
    await database.remove();
  }
}

const runtime = new Runtime({
  name: "sql-contract",
  connect() {
    throw new Error("the suite calls no services");
  },
});

/** A root call; the tests settle, abort or expire it by hand. */
export function newCall(): Call {
  return runtime.root({ name: "sql-contract" });
}

/** Lets everything run that does not wait for an outside event, and one turn of the event loop pass. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Adds `amount` to an account by reading and writing it, which loses updates on an engine that lets transactions overlap. */
export function increment(sql: Sql<ContractTables>, call: Call, id: number, amount = 1n): Promise<bigint> {
  return sql.transaction(call, async (tx) => {
    const { balance } = await tx.selectFrom("account").select("balance").where("id", "=", id).executeTakeFirstOrThrow();
    const next = BigInt(balance) + amount;
    await tx.updateTable("account").set({ balance: next }).where("id", "=", id).execute();
    return next;
  });
}

export async function balanceOf(sql: Sql<ContractTables>, id: number): Promise<bigint | undefined> {
  const row = await sql.read.selectFrom("account").select("balance").where("id", "=", id).executeTakeFirst();
  return row?.balance as bigint | undefined;
}

export async function addAccount(
  sql: Sql<ContractTables>,
  id: number,
  balance = 0n,
  tag: string | null = null,
): Promise<void> {
  await sql.transaction(newCall(), async (tx) => {
    await tx.insertInto("account").values({ id, balance, tag }).execute();
  });
}
