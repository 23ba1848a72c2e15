import { type Begun } from "./saga-claims.js";
import { type DriveHost } from "./saga-drive.js";
import type { Registered } from "./saga-transition.js";
export interface SagaWorkOptions extends DriveHost {
    readonly registered: ReadonlyMap<string, Registered>;
    readonly concurrency: number;
    readonly retentionMs: number;
}
/**
 * The sagas in work in this process, up to a limit. Takes up what is begun here as soon as its transaction has ended,
 * and what is due when its time comes: one timer, for the earliest of all; nothing is polled.
 */
export declare class SagaWork {
    #private;
    constructor(options: SagaWorkOptions);
    start(): Promise<void>;
    stop(graceMs: number): Promise<void>;
    /** Something may be due now. */
    wake(): void;
    /** Keeps a place for a saga that is about to begin; false when there is none. */
    reserve(): boolean;
    unreserve(): void;
    /** A saga has begun in a transaction that is still open; transactions run in order, so the next one knows its end. */
    begun(id: string, begun: Begun): void;
}
//# sourceMappingURL=saga-work.d.ts.map