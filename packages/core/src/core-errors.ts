import { Code } from "./code.js";
import { defineErrors, type Errors } from "./error-registry.js";

type Reason =
  | "DEADLINE_EXCEEDED"
  | "CANCELLED"
  | "CALL_IN_TRANSACTION"
  | "UNIMPLEMENTED"
  | "UNAVAILABLE"
  | "DRAINING"
  | "MESSAGE_TOO_LARGE"
  | "INVALID_REQUEST"
  | "EMPTY_RESPONSE"
  | "USER_REQUIRED";

/** Errors of the runtime itself, the same on every transport. */
export const CoreErrors: Errors<Reason> = defineErrors("core", {
  DEADLINE_EXCEEDED: {
    code: Code.DeadlineExceeded,
    message: "{method} did not finish before its deadline",
    fix: "look at the trace for the slow step; give the call more time only if it needs it",
  },
  CANCELLED: {
    code: Code.Canceled,
    message: "{method} was cancelled: {why}",
    fix: "nothing, when the caller meant to stop; else find out which caller settled without awaiting this call",
  },
  CALL_IN_TRANSACTION: {
    code: Code.Internal,
    message: "{method} was called inside {holder}",
    fix: "call other services before or after the transaction, or from a saga step or outbox consumer",
  },
  UNIMPLEMENTED: {
    code: Code.Unimplemented,
    message: "no service here implements {method}",
    fix: "check the name and version of the service, and that the process that serves it is configured to",
  },
  UNAVAILABLE: {
    code: Code.Unavailable,
    message: "{service} cannot be reached: {why}",
    fix: "retry with backoff; if it lasts, check that the service runs",
  },
  DRAINING: {
    code: Code.Unavailable,
    message: "this process is shutting down and takes no new calls",
    fix: "retry; another instance, or the restarted one, will answer",
  },
  MESSAGE_TOO_LARGE: {
    code: Code.ResourceExhausted,
    message: "a message of {method} has {size} bytes, more than the limit of {limit}",
    fix: "send less in one message, or raise the limit on both sides",
  },
  INVALID_REQUEST: {
    code: Code.InvalidArgument,
    message: "the request is not valid: {violations}",
    fix: "correct the fields that the BadRequest detail names",
  },
  EMPTY_RESPONSE: {
    code: Code.Internal,
    message: "{method} ended without a response",
    fix: "the handler must return a message of its output type",
  },
  USER_REQUIRED: {
    code: Code.Unauthenticated,
    message: "{method} needs a user, and the call names none",
    fix: "call it through the gateway with a bearer token, or pass `user` in the call options",
  },
});
