import { type Call, Runtime } from "@sampan/core";
import type { LogFields, Logger } from "@sampan/core/ports";
import { createFakeClock, type FakeClock, settled } from "@sampan/testkit";
import type { Transaction } from "kysely";
import { openSqlite, type SqliteSql } from "../sql/sqlite/open-sqlite.js";
import { temporaryFolder } from "../sql/sqlite/temporary-folder.fixture.js";
import type { Saga } from "./saga.js";
import type { SagaSnapshot } from "./saga-instance.js";
import { type SagaRunner, type SagaRunnerOptions, sagaRunner } from "./saga-runner.js";
import { sagaSchema } from "./saga-schema.js";

/** The domain of the tests: what sagas wrote, in order. */
export interface NoteTables {
  note: { id?: bigint; text: string };
}

export interface SagaBench {
  readonly sql: SqliteSql<NoteTables>;
  readonly clock: FakeClock;
  readonly runtime: Runtime;
  readonly sagas: SagaRunner<NoteTables>;
  readonly logged: { readonly message: string; readonly fields: LogFields | undefined }[];
  newCall(timeoutMs?: number): Call;
  /** Another runner over the same database. */
  another(options?: Partial<SagaRunnerOptions<NoteTables>>): SagaRunner<NoteTables>;
  /** Begins a saga in a transaction of its own. */
  begin<S>(saga: Saga<S, NoteTables>, id: string, state: S): Promise<boolean>;
  /** Lets time pass until the saga has a status; fails after ten simulated minutes. */
  until(id: string, status: SagaSnapshot["status"]): Promise<SagaSnapshot>;
  /** Everything that needs no time. */
  quiet(): Promise<void>;
  notes(): Promise<string[]>;
}

export function note(text: string): (tx: Transaction<NoteTables>) => Promise<void> {
  return async (tx) => {
    await tx.insertInto("note").values({ text }).execute();
  };
}

/** A service with a database, a started runner and a fake clock, for the time of one test. */
export async function withSagas(
  // biome-ignore lint/suspicious/noExplicitAny: sagas of different states
  sagas: readonly Saga<any, NoteTables>[],
  test: (bench: SagaBench) => Promise<void>,
  options: Partial<SagaRunnerOptions<NoteTables>> = {},
): Promise<void> {
  const folder = temporaryFolder();
  const clock = createFakeClock();
  const logged: SagaBench["logged"] = [];
  const log = (message: string, fields?: LogFields): void => void logged.push({ message, fields });
  const logger: Logger = { debug: () => {}, info: () => {}, warn: log, error: log, child: () => logger };
  const runtime = new Runtime({
    name: "shop",
    clock,
    logger,
    connect() {
      throw new Error("this test calls no services");
    },
  });
  const schema = {
    name: "notes",
    migrations: [{ id: "0001-note", up: ["create table note (id integer primary key, text text not null)"] }],
  };
  const sql = await openSqlite<NoteTables>({
    file: folder.file("shop.db"),
    schemas: [schema, sagaSchema],
    clock,
    commits: "in-thread",
  });
  const another = (more: Partial<SagaRunnerOptions<NoteTables>> = {}): SagaRunner<NoteTables> =>
    sagaRunner({ sql, runtime, clock, logger, sagas, random: () => 0.5, ...options, ...more });
  const runner = another();
  await runner.start();
  const origin = { tenant: "tea", releaseTag: "canary", traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01` };
  const newCall = (timeoutMs = 3_600_000): Call => runtime.root({ name: "test", timeoutMs, origin });
  const quiet = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await settled();
  };
  const bench: SagaBench = {
    sql,
    clock,
    runtime,
    logged,
    sagas: runner,
    another,
    newCall,
    quiet,
    begin: (saga, id, state) => {
      const call = newCall();
      return sql.transaction(call, (tx) => runner.begin(tx, saga, { id, state }, call)).finally(() => call.settle());
    },
    async until(id, status) {
      for (let waited = 0; waited < 600_000; waited += 500) {
        await quiet();
        const snapshot = await runner.get(id);
        if (snapshot?.status === status) return snapshot;
        await clock.advance(500);
      }
      throw new Error(`saga ${id} is ${(await runner.get(id))?.status}, not ${status}`);
    },
    notes: async () =>
      (await sql.read.selectFrom("note").select("text").orderBy("id").execute()).map(({ text }) => text),
  };
  try {
    await test(bench);
  } finally {
    let stopped = false;
    const stopping = runner.stop(1000).finally(() => {
      stopped = true;
    });
    while (!stopped) await clock.advance(1000);
    await stopping;
    await sql.close();
    folder.remove();
  }
}
