export { defineSaga, step, waitFor, } from "./saga.js";
export { SagaErrors } from "./saga-errors.js";
export { rpcErrorOf } from "./saga-failure.js";
export { boundariesOf } from "./saga-plan.js";
export { sagaRunner } from "./saga-runner.js";
export { sagaSchema } from "./saga-schema.js";
//# sourceMappingURL=index.js.map