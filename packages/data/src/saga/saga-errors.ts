import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason =
  | "SAGA_UNKNOWN"
  | "SAGA_ID_TAKEN"
  | "SAGA_NOT_STUCK"
  | "SAGA_VALUE_TOO_LARGE"
  | "SAGA_VALUE_NOT_JSON"
  | "SAGA_STEP_UNKNOWN"
  | "SAGA_INTERRUPTED"
  | "SAGA_LEASE_LOST"
  | "SAGA_STOPPED"
  | "SAGA_TIMED_OUT";

/** Errors of the saga runner. */
export const SagaErrors: Errors<Reason> = defineErrors("saga", {
  SAGA_UNKNOWN: {
    code: Code.NotFound,
    message: "there is no saga {id}",
    fix: "check the id; ended sagas are deleted after the retention time of the runner",
  },
  SAGA_ID_TAKEN: {
    code: Code.AlreadyExists,
    message: "{id} is the id of a saga of another kind, {saga}",
    fix: "make the kind of saga a part of its id",
  },
  SAGA_NOT_STUCK: {
    code: Code.FailedPrecondition,
    message: "saga {id} is {status} and needs no retry",
    fix: "retry only sagas that are stuck",
  },
  SAGA_VALUE_TOO_LARGE: {
    code: Code.InvalidArgument,
    message: "{what} of saga {id} has {size} bytes, more than the limit of {limit}",
    fix: "keep large data in a table of the service and its key in the saga",
  },
  SAGA_VALUE_NOT_JSON: {
    code: Code.InvalidArgument,
    message: "{what} of saga {id} cannot be written as JSON: {why}",
    fix: "keep plain objects, arrays, text, finite numbers, bigint and booleans in a saga",
  },
  SAGA_STEP_UNKNOWN: {
    code: Code.Unimplemented,
    message: "the saga is at step {step}, which its definition does not have",
    fix: "put the step back under its name until the sagas that passed it have ended, then retry",
  },
  SAGA_INTERRUPTED: {
    code: Code.Unknown,
    message: "the process ended while step {step} was in work, {attempts} times",
    fix: "find out why the process ends; the step may or may not have happened",
  },
  SAGA_LEASE_LOST: {
    code: Code.Aborted,
    message: "another runner has taken saga {id}",
    fix: "nothing: the other runner goes on with it; look for long pauses of this process if it happens often",
  },
  SAGA_STOPPED: {
    code: Code.Aborted,
    message: "step {step} stopped the saga",
    fix: 'nothing: the wait step decided so; give an error with next: "fail" to say why',
  },
  SAGA_TIMED_OUT: {
    code: Code.DeadlineExceeded,
    message: "what step {step} waited for did not come in time",
    fix: "nothing, when that may happen; else give the wait step more time",
  },
});
