import { type Call } from "@sampan/core";
import { type SagaInstance, type SagaSnapshot } from "./saga-instance.js";
type Predicate = (instance: SagaInstance, snapshot: SagaSnapshot) => boolean;
/** Callers that wait for a saga to come to a point; woken by the transitions of this process. */
export declare class Waiters {
    #private;
    /** Resolves with the first snapshot that satisfies; rejects with the call's error when the call ends before. */
    wait(id: string, call: Call, predicate: Predicate): Promise<SagaSnapshot>;
    /** A transition of a saga is durable. */
    changed(instance: SagaInstance): void;
}
/** It goes no further by itself, for now or for good. A wait step that has something to handle is not at rest. */
export declare function atRest({ progress, owner }: SagaInstance, now: number): boolean;
export {};
//# sourceMappingURL=reached.d.ts.map