import { type DatabaseConnection, type Dialect, type DialectAdapter, type Driver, type QueryCompiler, SqliteIntrospector } from "kysely";
/** Kysely's SQLite dialect over a connection of ours. Beginning and ending transactions is not Kysely's here. */
export declare class OwnedDialect implements Dialect {
    #private;
    constructor(connection: DatabaseConnection, file: string);
    createDriver(): Driver;
    createAdapter(): DialectAdapter;
    createQueryCompiler(): QueryCompiler;
    createIntrospector(...[db]: Parameters<Dialect["createIntrospector"]>): SqliteIntrospector;
}
//# sourceMappingURL=dialect.d.ts.map