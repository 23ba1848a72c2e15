/**
 * A process that owns a database and writes to it: `node writer-process.fixture.js <file> <count> <clients>`. Prints `open <pid>`,
 * then `done <n>` when transaction `n` was answered; each adds two rows. Then waits to be killed.
 */
import { writeSync } from "node:fs";
import { Runtime } from "@sampan/core";
import { openSqlite } from "./open-sqlite.js";

export interface PairTables {
  pair: { n: bigint | number; side: string };
}

export const pairSchema = {
  name: "pair",
  migrations: [
    { id: "0001-pair", up: ["create table pair (n bigint not null, side text not null, primary key (n, side))"] },
  ],
};

async function main([file = "", count = "0", clients = "1"]: readonly string[]): Promise<void> {
  const sql = await openSqlite<PairTables>({ file, schemas: [pairSchema] });
  const runtime = new Runtime({
    name: "writer",
    connect() {
      throw new Error("calls nobody");
    },
  });
  // Written at once, without a stream in between, so that a trace of system calls shows the order of things.
  writeSync(1, `open ${process.pid}\n`);
  const write = async (n: number): Promise<void> => {
    const call = runtime.root({ name: "write" });
    await sql.transaction(call, async (tx) => {
      await tx.insertInto("pair").values({ n, side: "left" }).execute();
      await tx.insertInto("pair").values({ n, side: "right" }).execute();
    });
    call.settle();
    writeSync(1, `done ${n}\n`);
  };
  const client = async (first: number): Promise<void> => {
    for (let n = first; n < Number(count); n += Number(clients)) await write(n);
  };
  await Promise.all(Array.from({ length: Number(clients) }, (_, n) => client(n)));
  writeSync(1, "end\n");
  setInterval(() => {}, 1_000);
}

if (process.argv[1]?.includes("writer-process.fixture")) await main(process.argv.slice(2));
