import { type Call, Runtime } from "@sampan/core";
import type { LogFields } from "@sampan/core/ports";
import { type FakeClock } from "@sampan/testkit";
import { type SqliteSql } from "../sql/sqlite/open-sqlite.js";
import { type InboxTables } from "./inbox.js";
import { type OutboxTables } from "./outbox.js";
import { type ScriptedBroker } from "./broker.fixture.js";
export interface NoteTables {
    note: {
        id: bigint | number;
        text: string;
    };
}
export interface TestService {
    readonly sql: SqliteSql<OutboxTables & InboxTables & NoteTables>;
    readonly broker: ScriptedBroker;
    readonly runtime: Runtime;
    readonly clock: FakeClock;
    /** Warnings and errors that were logged. */
    readonly logged: {
        readonly message: string;
        readonly fields: LogFields | undefined;
    }[];
    newCall(): Call;
}
/** A service with a database, a scripted broker and a fake clock, for the time of one test. */
export declare function withService(test: (service: TestService) => Promise<void>): Promise<void>;
//# sourceMappingURL=service.fixture.d.ts.map