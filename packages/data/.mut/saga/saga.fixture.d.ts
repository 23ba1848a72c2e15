import { type Call, Runtime } from "@sampan/core";
import type { LogFields } from "@sampan/core/ports";
import { type FakeClock } from "@sampan/testkit";
import type { Transaction } from "kysely";
import { type SqliteSql } from "../sql/sqlite/open-sqlite.js";
import type { Saga } from "./saga.js";
import type { SagaSnapshot } from "./saga-instance.js";
import { type SagaRunner, type SagaRunnerOptions } from "./saga-runner.js";
/** The domain of the tests: what sagas wrote, in order. */
export interface NoteTables {
    note: {
        id?: bigint;
        text: string;
    };
}
export interface SagaBench {
    readonly sql: SqliteSql<NoteTables>;
    readonly clock: FakeClock;
    readonly runtime: Runtime;
    readonly sagas: SagaRunner<NoteTables>;
    readonly logged: {
        readonly message: string;
        readonly fields: LogFields | undefined;
    }[];
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
export declare function note(text: string): (tx: Transaction<NoteTables>) => Promise<void>;
/** A service with a database, a started runner and a fake clock, for the time of one test. */
export declare function withSagas(sagas: readonly Saga<any, NoteTables>[], test: (bench: SagaBench) => Promise<void>, options?: Partial<SagaRunnerOptions<NoteTables>>): Promise<void>;
//# sourceMappingURL=saga.fixture.d.ts.map