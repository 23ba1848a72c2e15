import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { Code, RpcError, Runtime } from "@sampan/core";
import { openSqlite } from "../sql/sqlite/open-sqlite.js";
import { type NoteTables, note } from "./saga.fixture.js";
import { defineSaga, type Saga, step, waitFor } from "./saga.js";
import { sagaRunner } from "./saga-runner.js";
import { sagaSchema } from "./saga-schema.js";

/** A saga of the crash tests: its id, whether it will be rejected, and the folder of the world outside. */
export interface CrashState {
  readonly id: string;
  readonly rejected: boolean;
  readonly folder: string;
}

/** What the saga does to the world outside its database: a line for each call, which survives the process. */
function outside(state: CrashState, what: string, key: string): void {
  appendFileSync(join(state.folder, "outside.log"), `${what} ${key}\n`);
}

function act(name: string, more: { readonly rejects?: boolean } = {}) {
  return step<CrashState, NoteTables>(name, {
    retry: { attempts: 20, initialMs: 1, maxMs: 2 },
    async run(state, _, { idempotencyKey }) {
      outside(state, "begin", idempotencyKey);
      await new Promise((resolve) => setImmediate(resolve));
      outside(state, "end", idempotencyKey);
      if (more.rejects === true && state.rejected) throw new RpcError(Code.FailedPrecondition, "rejected");
      return { commit: note(`${state.id} ${name}`) };
    },
    async compensate(state, _, { idempotencyKey }) {
      outside(state, "begin", idempotencyKey);
      outside(state, "end", idempotencyKey);
      return { commit: note(`${state.id} undo ${name}`) };
    },
  });
}

export const crashSaga: Saga<CrashState, NoteTables> = defineSaga({
  name: "place-order",
  steps: [
    act("reserve"),
    waitFor<CrashState, NoteTables>("payment", {
      until: () => Number.POSITIVE_INFINITY,
      on: { paid: (state) => ({ next: "continue", commit: note(`${state.id} paid`) }) },
    }),
    act("confirm", { rejects: true }),
  ],
  onCompleted: (state, tx) => note(`${state.id} completed`)(tx),
  onCompensated: (state, tx) => note(`${state.id} compensated`)(tx),
});

/** `node saga-crash.fixture.js <folder> <sagas> <rejected: all | none | some> [boundary to die at]`: runs sagas to their end. */
export async function runCrashProgram([
  folder = "",
  count = "1",
  rejected = "none",
  dieAt = "",
]: readonly string[]): Promise<void> {
  const notes = { id: "0001-note", up: ["create table note (id integer primary key, text text not null)"] };
  const sql = await openSqlite<NoteTables>({
    file: join(folder, "shop.db"),
    schemas: [{ name: "notes", migrations: [notes] }, sagaSchema],
  });
  const runtime = new Runtime({
    name: "shop",
    connect() {
      throw new Error("this program calls no services");
    },
  });
  const onBoundary = (point: string): void => {
    if (point === dieAt) process.kill(process.pid, "SIGKILL");
  };
  const sagas = sagaRunner({ sql, runtime, sagas: [crashSaga], onBoundary });
  await sagas.start();
  console.log("started");
  const run = async (id: string, index: number): Promise<void> => {
    const call = runtime.root({ name: "test" });
    const state: CrashState = { id, folder, rejected: rejected === "all" || (rejected === "some" && index % 3 === 0) };
    await sql.transaction(call, (tx) => sagas.begin(tx, crashSaga, { id, state }, call));
    await sagas.reached(id, call);
    await sagas.signal(undefined, { id, event: "paid", signalId: "payment" });
    await sagas.reached(id, call);
    call.settle();
  };
  await Promise.all(Array.from({ length: Number(count) }, (_, i) => run(`o${i}`, i)));
  await sagas.stop();
  await sql.close();
}

if (process.argv[1]?.endsWith("saga-crash.fixture.js")) await runCrashProgram(process.argv.slice(2));
