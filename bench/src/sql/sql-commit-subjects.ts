/** The four ways of running transactions that `sql-commit.ts` compares. */
import { createRequire } from "node:module";
import { Worker } from "node:worker_threads";
import { Runtime } from "@sampan/core";
import { openSqlite, type SqliteOptions } from "@sampan/data";

/** One transaction reads a row of stock, writes it and inserts a movement; `n` numbers it. */
export interface Subject {
  readonly transaction: (n: number) => Promise<unknown>;
  readonly close: () => Promise<unknown>;
}

const rows = 1_000;
const schema = [
  "CREATE TABLE stock (id INTEGER PRIMARY KEY, available INTEGER NOT NULL)",
  `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows - 1}) INSERT INTO stock SELECT i, 1000000 FROM n`,
  "CREATE TABLE movement (id INTEGER PRIMARY KEY, stock_id INTEGER NOT NULL, pieces INTEGER NOT NULL)",
];

export const subjects: Readonly<Record<string, (file: string) => Promise<Subject>>> = {
  "in thread, a commit for each": (file) => inProcess({ file, commits: "in-thread", batch: { transactions: 1 } }),
  // Gathered for a turn of the loop: a commit that blocks leaves no time in which others could queue.
  "in thread, group commit": async (file) => gathered(await inProcess({ file, commits: "in-thread" })),
  "group commit off thread": (file) => inProcess({ file, commits: "off-thread" }),
  "SQL worker, group commit": (file) => inWorker(file),
};

interface Tables {
  stock: { id: bigint | number; available: bigint | number };
  movement: { id: bigint | number; stock_id: bigint | number; pieces: bigint | number };
}

async function inProcess(options: Omit<SqliteOptions, "schemas">): Promise<Subject> {
  const migrations = [{ id: "0001-bench", up: schema }];
  const sql = await openSqlite<Tables>({ ...options, schemas: [{ name: "bench", migrations }] });
  const connect = (): never => {
    throw new Error("calls nobody");
  };
  const runtime = new Runtime({ name: "bench", connect });
  const transaction = (n: number): Promise<unknown> => {
    const id = n % rows;
    const call = runtime.root({ name: "bench" });
    return sql
      .transaction(call, async (tx) => {
        const stock = await tx.selectFrom("stock").select("available").where("id", "=", id).executeTakeFirstOrThrow();
        await tx
          .updateTable("stock")
          .set({ available: BigInt(stock.available) - 1n })
          .where("id", "=", id)
          .execute();
        await tx
          .insertInto("movement")
          .values({ id: n, stock_id: id, pieces: 1 })
          .onConflict((c) => c.doNothing())
          .execute();
      })
      .finally(() => call.settle());
  };
  return { transaction, close: () => sql.close() };
}

function gathered({ transaction, close }: Subject): Subject {
  let gate: Promise<void> | undefined;
  return {
    close,
    transaction(n) {
      gate ??= new Promise((open) =>
        setImmediate(() => {
          gate = undefined;
          open();
        }),
      );
      return gate.then(() => transaction(n));
    },
  };
}

const workerCode = `
const { parentPort, workerData } = require("node:worker_threads");
const db = new (require(workerData.libsql))(workerData.file);
db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
for (const statement of workerData.schema) db.exec(statement);
const prepared = new Map();
parentPort.on("message", ({ n, sql, parameters }) => {
  let statement = prepared.get(sql);
  if (statement === undefined && parameters) prepared.set(sql, (statement = db.prepare(sql)));
  const rows = parameters ? (statement.reader ? statement.all(parameters) : (statement.run(parameters), [])) : void db.exec(sql);
  if (n) parentPort.postMessage({ n, rows });
});`;

/** The best a worker could do: statements sent raw, without Kysely, and only those awaited whose answer the work needs. */
async function inWorker(file: string): Promise<Subject> {
  const libsql = createRequire(import.meta.url).resolve("libsql");
  const worker = new Worker(workerCode, { eval: true, workerData: { libsql, file, schema } });
  let asked = 0;
  const answers = new Map<number, (rows: { available: number }[]) => void>();
  worker.on("message", ({ n, rows }) => {
    answers.get(n)?.(rows);
    answers.delete(n);
  });
  const tell = (sql: string): void => worker.postMessage({ n: 0, sql });
  const ask = (sql: string, parameters?: readonly bigint[]): Promise<{ available: number }[]> =>
    new Promise((resolve) => {
      answers.set(++asked, resolve);
      worker.postMessage({ n: asked, sql, parameters });
    });
  const waiting: { readonly n: number; readonly done: () => void }[] = [];
  let pumping = false;
  const pump = async (): Promise<void> => {
    pumping = true;
    while (waiting.length > 0) {
      const batch: (() => void)[] = [];
      tell("BEGIN IMMEDIATE");
      for (let next = waiting.shift(); next !== undefined; next = batch.length < 64 ? waiting.shift() : undefined) {
        const id = BigInt(next.n % rows);
        tell("SAVEPOINT member");
        const [stock] = await ask("SELECT available FROM stock WHERE id = ?", [id]);
        await ask("UPDATE stock SET available = ? WHERE id = ?", [BigInt(stock?.available ?? 0) - 1n, id]);
        await ask("INSERT INTO movement VALUES (?, ?, 1) ON CONFLICT DO NOTHING", [BigInt(next.n), id]);
        tell("RELEASE member");
        batch.push(next.done);
      }
      await ask("COMMIT");
      for (const done of batch) done();
    }
    pumping = false;
  };
  const transaction = (n: number): Promise<void> =>
    new Promise((done) => {
      waiting.push({ n, done });
      if (!pumping) void pump();
    });
  return { transaction, close: () => worker.terminate() };
}
