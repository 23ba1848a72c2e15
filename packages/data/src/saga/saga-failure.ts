import { Code, RpcError, type RpcErrorOptions } from "@sampan/core";
import { retryAfterMs } from "./retry-info.js";

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

type Details = NonNullable<RpcErrorOptions["details"]>;

/** Retrying such an error gives the same answer: the saga turns back at once. */
const permanent: ReadonlySet<Code> = new Set([
  Code.InvalidArgument,
  Code.NotFound,
  Code.AlreadyExists,
  Code.PermissionDenied,
  Code.FailedPrecondition,
  Code.OutOfRange,
  Code.Unimplemented,
  Code.DataLoss,
  Code.Unauthenticated,
]);

/** What the decider needs to know of an error. */
export interface StepError {
  readonly failure: SagaFailure;
  readonly permanent: boolean;
  /** The callee's own wish (`google.rpc.RetryInfo`), ms; 0 when it has none. */
  readonly retryAfterMs: number;
}

const maxMessage = 2000;
const maxDetailBytes = 16 * 1024;

export function stepError(step: string, thrown: unknown): StepError {
  const error = RpcError.from(thrown);
  let left = maxDetailBytes;
  const details = error.details
    .filter((any) => (left -= any.value.byteLength) >= 0)
    .map((any) => [any.typeUrl, Buffer.from(any.value).toString("base64")] as const);
  const { code, reason } = error;
  return {
    failure: { step, code, message: error.message.slice(0, maxMessage), reason, details },
    permanent: permanent.has(code),
    retryAfterMs: retryAfterMs(error),
  };
}

/** The error again, to answer a caller with. Its cause stayed in the log. */
export function rpcErrorOf(failure: SagaFailure): RpcError {
  const details: Details = failure.details.map(([typeUrl, value]) => ({
    $typeName: "google.protobuf.Any",
    typeUrl,
    value: new Uint8Array(Buffer.from(value, "base64")),
  }));
  return new RpcError(failure.code, failure.message, { details });
}
