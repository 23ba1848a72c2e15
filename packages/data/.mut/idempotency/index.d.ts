import { type Errors } from "@sampan/core";
import type { Kysely } from "kysely";
import type { Schema } from "../sql/contract.js";
export declare const IdempotencyErrors: Errors<"IDEMPOTENCY_KEY_REUSED">;
export declare const idempotencySchema: Schema;
/** A request that may be sent again. */
export interface Claim {
    /** What the key is unique in, such as a method and a user. */
    readonly scope: string;
    readonly key: string;
    /** Compared with the first request's: everything that must be the same. Bigints are allowed. */
    readonly request: unknown;
    /** Kept for the next time, such as the id of what was created. */
    readonly value: string;
    /** Milliseconds since the epoch. */
    readonly now: number;
}
/**
 * Claims a key inside the transaction that does the work. Undefined when the key is new: do the work. Otherwise the
 * value of its first use: the work is done. Rejects with `IDEMPOTENCY_KEY_REUSED` when the request is another one.
 */
export declare function claimKey<DB>(tx: Kysely<DB>, claim: Claim): Promise<string | undefined>;
/** The value of a key's first use, without claiming it. Rejects as `claimKey` does. */
export declare function findKey<DB>(db: Kysely<DB>, { scope, key, request }: Pick<Claim, "scope" | "key" | "request">): Promise<string | undefined>;
//# sourceMappingURL=index.d.ts.map