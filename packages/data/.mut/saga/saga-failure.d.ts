import { Code, RpcError } from "@sampan/core";
/** An error as the saga log keeps it. */
export interface SagaFailure {
    /** Where it happened. */
    readonly step: string;
    readonly code: Code;
    readonly message: string;
    /** The registered reason; empty when it has none. */
    readonly reason: string;
    /** The error's details: type URL and value in base64. */
    readonly details: readonly (readonly [typeUrl: string, value: string])[];
}
/** What the decider needs to know of an error. */
export interface StepError {
    readonly failure: SagaFailure;
    readonly permanent: boolean;
    /** The callee's own wish (`google.rpc.RetryInfo`), ms; 0 when it has none. */
    readonly retryAfterMs: number;
}
export declare function stepError(step: string, thrown: unknown): StepError;
/** The error again, to answer a caller with. Its cause stayed in the log. */
export declare function rpcErrorOf(failure: SagaFailure): RpcError;
//# sourceMappingURL=saga-failure.d.ts.map