export { defineSaga, type RetryPolicy, type Saga, type SagaOptions, type Signal, type Step, type StepContext, type StepOptions, type StepResult, step, type WaitOptions, type WaitResult, type WaitStep, waitFor, } from "./saga.js";
export type { SignalAnswer, SignalRequest } from "./saga-entry.js";
export { SagaErrors } from "./saga-errors.js";
export { rpcErrorOf, type SagaFailure } from "./saga-failure.js";
export type { SagaSnapshot } from "./saga-instance.js";
export { boundariesOf } from "./saga-plan.js";
export type { SagaStatus } from "./saga-progress.js";
export type { SagaHistory } from "./saga-queries.js";
export { type SagaRunner, type SagaRunnerOptions, sagaRunner } from "./saga-runner.js";
export { sagaSchema } from "./saga-schema.js";
//# sourceMappingURL=index.d.ts.map