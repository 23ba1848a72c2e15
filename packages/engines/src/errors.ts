import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason = "UNREACHABLE" | "REFUSED" | "BAD_ANSWER" | "TOO_LARGE" | "COMPACTED" | "BAD_OPTION";

/** What goes wrong between this process and an engine. */
export const EngineErrors: Errors<Reason> = defineErrors("engines", {
  UNREACHABLE: {
    code: Code.Unavailable,
    message: "{engine} cannot be reached at {address}: {why}",
    fix: "check the address, and that the engine runs; it is tried again with backoff",
  },
  REFUSED: {
    code: Code.Unavailable,
    message: "{engine} answered {status}: {why}",
    fix: "look up the answer in the engine's documentation; 401 and 403 mean that the credentials are not accepted",
  },
  BAD_ANSWER: {
    code: Code.Unavailable,
    message: "{engine} gave an answer that is not what it should be: {why}",
    fix: "check that the address is the engine's, and what stands between",
  },
  TOO_LARGE: {
    code: Code.ResourceExhausted,
    message: "{engine} gave more than {limit} bytes for {what}",
    fix: "keep less under one name, or raise the limit",
  },
  COMPACTED: {
    code: Code.OutOfRange,
    message: "{engine} no longer has the history from {revision} on",
    fix: "nothing: list anew and watch from there, as the clients do",
  },
  BAD_OPTION: {
    code: Code.InvalidArgument,
    message: "{option} of {engine} is not valid: {why}",
    fix: "correct the setting",
  },
});

/** The HTTP status of a `REFUSED`; 0 for any other error. */
export function refusedStatus(error: unknown): number {
  return EngineErrors.REFUSED.is(error) ? Number(error.info?.metadata.status ?? 0) : 0;
}

/** The text of any thrown value, short enough for a log line. */
export function reasonOf(thrown: unknown): string {
  const text =
    thrown instanceof Error
      ? thrown.message || ((thrown as NodeJS.ErrnoException).code ?? thrown.name)
      : String(thrown);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
