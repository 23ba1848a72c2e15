import { type Errors } from "@sampan/core";
type Reason = "SAGA_UNKNOWN" | "SAGA_ID_TAKEN" | "SAGA_NOT_STUCK" | "SAGA_VALUE_TOO_LARGE" | "SAGA_VALUE_NOT_JSON" | "SAGA_STEP_UNKNOWN" | "SAGA_INTERRUPTED" | "SAGA_LEASE_LOST" | "SAGA_STOPPED" | "SAGA_TIMED_OUT";
/** Errors of the saga runner. */
export declare const SagaErrors: Errors<Reason>;
export {};
//# sourceMappingURL=saga-errors.d.ts.map