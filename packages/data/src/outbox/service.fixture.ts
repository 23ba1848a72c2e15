import { type Call, Runtime } from "@sampan/core";
import type { LogFields, Logger } from "@sampan/core/ports";
import { createFakeClock, type FakeClock } from "@sampan/testkit";
import { openSqlite, type SqliteSql } from "../sql/sqlite/open-sqlite.js";
import { temporaryFolder } from "../sql/sqlite/temporary-folder.fixture.js";
import { type ScriptedBroker, scriptedBroker } from "./broker.fixture.js";
import { type InboxTables, inboxSchema } from "./inbox.js";
import { type OutboxTables, outboxSchema } from "./outbox.js";

export interface NoteTables {
  note: { id: bigint | number; text: string };
}

export interface TestService {
  readonly sql: SqliteSql<OutboxTables & InboxTables & NoteTables>;
  readonly broker: ScriptedBroker;
  readonly runtime: Runtime;
  readonly clock: FakeClock;
  /** Warnings and errors that were logged. */
  readonly logged: { readonly message: string; readonly fields: LogFields | undefined }[];
  newCall(): Call;
}

/** A service with a database, a scripted broker and a fake clock, for the time of one test. */
export async function withService(test: (service: TestService) => Promise<void>): Promise<void> {
  const folder = temporaryFolder();
  const clock = createFakeClock();
  const logged: TestService["logged"] = [];
  const note = (message: string, fields?: LogFields): void => void logged.push({ message, fields });
  const logger: Logger = { debug: () => {}, info: () => {}, warn: note, error: note, child: () => logger };
  const runtime = new Runtime({
    name: "notes",
    clock,
    logger,
    connect() {
      throw new Error("this test calls no services");
    },
  });
  const notes = { id: "0001-note", up: ["create table note (id bigint primary key, text varchar(100) not null)"] };
  const sql = await openSqlite<OutboxTables & InboxTables & NoteTables>({
    file: folder.file("notes.db"),
    schemas: [{ name: "notes", migrations: [notes] }, outboxSchema, inboxSchema],
    clock,
    commits: "in-thread",
  });
  const newCall = (): Call =>
    runtime.root({
      name: "test",
      origin: { tenant: "tea", releaseTag: "canary", traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01` },
    });
  try {
    await test({ sql, broker: scriptedBroker(), runtime, clock, logged, newCall });
  } finally {
    await sql.close();
    folder.remove();
  }
}
