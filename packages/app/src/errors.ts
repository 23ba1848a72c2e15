import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason = "START_FAILED" | "START_INTERRUPTED" | "CLOSE_FAILED" | "CLOSE_TIMEOUT" | "CERTIFICATES_MISSING";

/** Why a process does not start, or did not stop cleanly. The `cause` is what went wrong underneath. */
export const AppErrors: Errors<Reason> = defineErrors("app", {
  START_FAILED: {
    code: Code.FailedPrecondition,
    message: "{part} did not start: {why}",
    fix: "put right what the message says and start again; what had been opened was closed",
  },
  START_INTERRUPTED: {
    code: Code.Canceled,
    message: "the start was interrupted at {part}",
    fix: "nothing: somebody stopped the process before it was ready; what had been opened was closed",
  },
  CLOSE_FAILED: {
    code: Code.Internal,
    message: "{part} did not close: {why}",
    fix: "look at the cause; everything else was closed all the same",
  },
  CLOSE_TIMEOUT: {
    code: Code.DeadlineExceeded,
    message: "{part} did not close within {ms} ms",
    fix: "find out what it waits for; the process went on without it",
  },
  CERTIFICATES_MISSING: {
    code: Code.Unavailable,
    message:
      "there is no certificate from the Workload API at {endpoint}: {why}; `sampan up --mtls` or a SPIRE agent serves one, this user must be able to open the socket, and this process must be registered there",
    fix: "start what serves that socket, or name another one in certificates.endpoint or SPIFFE_ENDPOINT_SOCKET",
  },
});

/** The phrase that follows a part's name in a message. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error && thrown.message !== "" ? thrown.message : String(thrown);
}
