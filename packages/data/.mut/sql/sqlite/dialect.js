import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, } from "kysely";
import { SqlErrors } from "../errors.js";
/** Kysely's SQLite dialect over a connection of ours. Beginning and ending transactions is not Kysely's here. */
export class OwnedDialect {
    #driver;
    #adapter = new SqliteAdapter();
    #compiler = new SqliteQueryCompiler();
    constructor(connection, file) {
        this.#driver = new OwnedDriver(connection, file);
    }
    createDriver() {
        return this.#driver;
    }
    createAdapter() {
        return this.#adapter;
    }
    createQueryCompiler() {
        return this.#compiler;
    }
    createIntrospector(...[db]) {
        return new SqliteIntrospector(db);
    }
}
class OwnedDriver {
    #connection;
    #file;
    constructor(connection, file) {
        this.#connection = connection;
        this.#file = file;
    }
    // Statements are synchronous, so one connection serves all readers without a pool.
    async init() { }
    async acquireConnection() {
        return this.#connection;
    }
    async releaseConnection() { }
    async beginTransaction() {
        throw SqlErrors.SQL_READ_ONLY({ file: this.#file });
    }
    async commitTransaction() { }
    async rollbackTransaction() { }
    async destroy() { }
}
//# sourceMappingURL=dialect.js.map