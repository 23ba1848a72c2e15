import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openSqlite } from "../sql/sqlite/open-sqlite.js";
import { temporaryFolder } from "../sql/sqlite/temporary-folder.fixture.js";
import type { NoteTables } from "./saga.fixture.js";
import { crashSaga } from "./saga-crash.fixture.js";
import { boundariesOf } from "./saga-plan.js";
import { type SagaTables, sagaSchema } from "./saga-schema.js";

const program = fileURLToPath(new URL("./saga-crash.fixture.js", import.meta.url));

/** Runs the program; gives the signal that ended it, or its exit code. It is killed `killAfterMs` after it has started. */
function run(args: readonly string[], killAfterMs?: number): Promise<string | number | null> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.once("data", () => {
    if (killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(signal ?? code));
  });
}

interface Aftermath {
  readonly statuses: ReadonlyMap<string, string>;
  readonly notes: readonly string[];
  /** `begin` and `end` lines of the world outside, by idempotency key. */
  readonly outside: readonly string[];
}

async function aftermath(folder: string): Promise<Aftermath> {
  const notes = { id: "0001-note", up: ["create table note (id integer primary key, text text not null)"] };
  const schemas = [{ name: "notes", migrations: [notes] }, sagaSchema];
  const sql = await openSqlite<NoteTables & SagaTables>({ file: join(folder, "shop.db"), schemas });
  const sagas = await sql.read.selectFrom("sampan_saga").select(["id", "status"]).execute();
  const texts = await sql.read.selectFrom("note").select("text").orderBy("id").execute();
  await sql.close();
  const outside = readFileSync(join(folder, "outside.log"), "utf8").split("\n").filter(Boolean);
  return {
    statuses: new Map(sagas.map(({ id, status }) => [id, status])),
    notes: texts.map(({ text }) => text),
    outside,
  };
}

/** Domain changes happen once, whatever was killed; the world outside hears each key at least once. */
function checkSaga(id: string, rejected: boolean, after: Aftermath): void {
  assert.equal(after.statuses.get(id), rejected ? "compensated" : "completed");
  const notes = after.notes.filter((text) => text.startsWith(`${id} `)).map((text) => text.slice(id.length + 1));
  const undone = ["undo confirm", "undo reserve", "compensated"];
  assert.deepEqual(notes, rejected ? ["reserve", "paid", ...undone] : ["reserve", "paid", "confirm", "completed"]);
  const keys = rejected ? ["reserve", "confirm", "confirm/undo", "reserve/undo"] : ["reserve", "confirm"];
  const heard = new Set(
    after.outside.filter((line) => line.startsWith(`end ${id}/`)).map((line) => line.slice(`end ${id}/`.length)),
  );
  assert.deepEqual([...heard], keys);
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  try {
    await work(folder.path);
  } finally {
    folder.remove();
  }
}

describe("a saga that is killed at a boundary", { concurrency: 2 }, () => {
  for (const boundary of boundariesOf(crashSaga)) {
    test(`killed at ${boundary}, a saga goes on after a restart and ends as it should`, () =>
      inFolder(async (folder) => {
        const rejected = boundary.includes("compensate");
        const scenario = [folder, "1", rejected ? "all" : "none"];
        assert.equal(await run([...scenario, boundary]), "SIGKILL", "the boundary was not reached");
        assert.equal(await run(scenario), 0);
        checkSaga("o0", rejected, await aftermath(folder));
      }));
  }
});

test("killed at any moment, again and again, every saga ends as it should", () =>
  inFolder(async (folder) => {
    const scenario = [folder, "150", "some"];
    for (const ms of [5, 20, 35, 50, 65]) await run(scenario, ms);
    assert.equal(await run(scenario), 0);
    const after = await aftermath(folder);
    assert.equal(after.statuses.size, 150);
    for (let i = 0; i < 150; i++) checkSaga(`o${i}`, i % 3 === 0, after);
  }));
