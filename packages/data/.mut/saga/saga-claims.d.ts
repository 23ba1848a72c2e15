import type { Transaction } from "kysely";
import type { SagaInstance } from "./saga-instance.js";
import type { Next } from "./saga-progress.js";
import type { SagaTables } from "./saga-schema.js";
import { type Holder, type Registered } from "./saga-transition.js";
/** A saga that this runner holds from now on, and what to do with it. */
export interface Taken {
    readonly instance: SagaInstance;
    readonly next: Next | "claim";
}
/** A saga that was begun in a transaction which may have been rolled back. */
export interface Begun {
    readonly fence: number;
    readonly next: Next;
}
export interface ClaimRequest {
    readonly registered: ReadonlyMap<string, Registered>;
    readonly holder: Holder;
    readonly begun: ReadonlyMap<string, Begun>;
    /** In work in this process. */
    readonly busy: readonly string[];
    readonly limit: number;
    readonly now: number;
}
export interface Claims {
    readonly taken: readonly Taken[];
    /** When to look again; undefined when nothing will be due. */
    readonly nextDue: number | undefined;
}
/**
 * Takes sagas up, in one transaction: those begun here whose transaction has committed, and the longest due ones. A due
 * saga gets a newer fence, so that a runner which held it before can write nothing any more; where that is all there is
 * to it, its next attempt is counted at once. No code of the saga runs here: it could spoil the claims of the others.
 */
export declare function claimSagas(tx: Transaction<SagaTables>, request: ClaimRequest): Promise<Claims>;
//# sourceMappingURL=saga-claims.d.ts.map