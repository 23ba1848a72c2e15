import { RpcError } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
/** Turns what the driver throws into registered errors. `statement` is logged with an error that is a fault of ours. */
export declare function fromSqlite(thrown: unknown, file: string, logger: Logger, statement?: string): RpcError;
//# sourceMappingURL=sqlite-error.d.ts.map