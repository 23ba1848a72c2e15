import type { Clock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import { type Transaction } from "kysely";
import type { SagaDrive } from "./saga-drive.js";
import type { SagaTables } from "./saga-schema.js";
import type { Holder } from "./saga-transition.js";
type Transact = <T>(work: (tx: Transaction<SagaTables>) => Promise<T>) => Promise<T>;
/**
 * Keeps the leases of the sagas in work. A lease that another runner has taken, or that could not be renewed before its
 * end, is lost: the drive is aborted, because somebody else may be running the step.
 */
export declare class Leases {
    #private;
    constructor(clock: Clock, logger: Logger, holder: Holder, drives: ReadonlyMap<string, SagaDrive>, transaction: Transact);
    /** After a saga was taken up. */
    keep(): void;
    stop(): void;
}
export {};
//# sourceMappingURL=leases.d.ts.map