/**
 * One of several processes that share a file of accounts: `node transfer-process.fixture.js <file> <count> <clients>`. Opens
 * it, prints `open <pid>`, then moves 1 between two accounts `count` times, printing `done <ms>` with the time that each
 * transfer took. Then prints `end`, closes when it is told so by SIGTERM, and exits.
 */
import { writeSync } from "node:fs";
import { Runtime } from "@sampan/core";
import { openSqlite } from "./open-sqlite.js";

export interface AccountTables {
  account: { id: bigint | number; balance: bigint | number };
  transfer: { id: string; payer: bigint | number; payee: bigint | number };
}

export const accounts = 10;
export const opening = 1000n;

export const accountSchema = {
  name: "account",
  migrations: [
    {
      id: "0001-account",
      up: [
        "create table account (id bigint not null primary key, balance bigint not null)",
        "create table transfer (id text not null primary key, payer bigint not null, payee bigint not null)",
        ...Array.from({ length: accounts }, (_, id) => `insert into account values (${id}, ${opening})`),
      ],
    },
  ],
};

async function main([file = "", count = "0", clients = "1"]: readonly string[]): Promise<void> {
  const sql = await openSqlite<AccountTables>({ file, schemas: [accountSchema], shared: true });
  const runtime = new Runtime({
    name: "teller",
    connect() {
      throw new Error("calls nobody");
    },
  });
  writeSync(1, `open ${process.pid}\n`);
  const transfer = async (n: number): Promise<void> => {
    const payer = n % accounts;
    const payee = (n * 7 + 3) % accounts;
    const began = performance.now();
    await runtime.run({ name: "transfer", timeoutMs: 60_000 }, (call) =>
      sql.transaction(call, async (tx) => {
        // Read and written back, so that a transfer that another process interrupts would lose money.
        const balanceOf = async (id: number): Promise<bigint> => {
          const row = await tx.selectFrom("account").select("balance").where("id", "=", id).executeTakeFirstOrThrow();
          return BigInt(row.balance);
        };
        const set = (id: number, balance: bigint) =>
          tx.updateTable("account").set({ balance }).where("id", "=", id).execute();
        await set(payer, (await balanceOf(payer)) - 1n);
        await set(payee, (await balanceOf(payee)) + 1n);
        await tx
          .insertInto("transfer")
          .values({ id: `${process.pid}/${n}`, payer, payee })
          .execute();
      }),
    );
    writeSync(1, `done ${process.pid}/${n} ${(performance.now() - began).toFixed(1)}\n`);
  };
  const client = async (first: number): Promise<void> => {
    for (let n = first; n < Number(count); n += Number(clients)) await transfer(n);
  };
  const alive = setInterval(() => {}, 1_000);
  process.once("SIGTERM", () => {
    clearInterval(alive);
    void sql.close();
  });
  await Promise.all(Array.from({ length: Number(clients) }, (_, n) => client(n)));
  writeSync(1, "end\n");
}

if (process.argv[1]?.includes("transfer-process.fixture")) await main(process.argv.slice(2));
