import { adoptHeaders, adoptTrailers, attempt, type Handler, superviseUnary } from "@sampan/core";

/**
 * Runs what is inside on a call of its own. A fallback turns a failure into an answer, and a call settles once: without
 * this a breaker inside would see success only, and a timeout would end the call before the fallback can answer.
 * For unary methods, the only ones that have fallbacks.
 */
export function ownAttempt(next: Handler): Handler {
  return (request, call) => {
    const inner = attempt(call);
    return superviseUnary(next, request, inner).then(
      (response) => {
        adoptHeaders(inner, call);
        adoptTrailers(inner, call);
        return response;
      },
      (error: unknown) => {
        adoptTrailers(inner, call);
        throw error;
      },
    );
  };
}
