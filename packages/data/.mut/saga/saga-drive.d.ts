import { type Clock, type Runtime } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { Transaction } from "kysely";
import type { SagaInstance } from "./saga-instance.js";
import type { Next } from "./saga-progress.js";
import type { SagaTables } from "./saga-schema.js";
import { type Holder, type Registered } from "./saga-transition.js";
/** What a drive needs of its runner. */
export interface DriveHost {
    readonly runtime: Runtime;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly random: () => number;
    readonly holder: Holder;
    readonly stateBytes: number;
    readonly transaction: <T>(work: (tx: Transaction<SagaTables>) => Promise<T>) => Promise<T>;
    readonly boundary: (point: string) => Promise<void>;
    /** A transition is durable. */
    readonly changed: (instance: SagaInstance) => void;
}
/**
 * Takes one saga as far as it goes now: runs its steps until it waits, rests or ends. Holds the saga's lease meanwhile;
 * when the lease is lost the step's call is aborted and its result is thrown away.
 *
 * Each turn is: do (outside a transaction, on a root call), then write what came of it together with the start of what
 * follows. A step that ignores its abort is waited for, because the next attempt must not run beside it.
 */
export declare class SagaDrive {
    #private;
    readonly id: string;
    constructor(registered: Registered, instance: SagaInstance, host: DriveHost);
    get fence(): number;
    /** Gives the saga back at the next step boundary. */
    stop(): void;
    /** Ends the step in work. `stopped`: in good order, the attempt does not count. `lost`: nothing may be written any more. */
    abort(why: "stopped" | "lost"): void;
    /** Never rejects. A saga that cannot be written is left to its lease: when that ends it is taken up again. */
    run(next: Next | "claim"): Promise<void>;
}
//# sourceMappingURL=saga-drive.d.ts.map