import { adoptHeaders, adoptTrailers, type Call, RpcError, retryDelayMs } from "@sampan/core";
import type { ReplayRequests } from "./replay-requests.js";
import type { FailedTry } from "./retry-decision.js";

/** How many tries came before this one, as gRPC tells the server (gRFC A6). */
export const previousAttempts = "grpc-previous-rpc-attempts";
/** How a server says when to try again, in ms, or with a negative number that there is no point (gRFC A6). */
export const pushbackTrailer = "grpc-retry-pushback-ms";

/** What the tries of one call have in common, from the first failure on. */
export class FailedCall {
  readonly call: Call;
  readonly requests: ReplayRequests | undefined;
  tries = 1;
  previousMs = 0;
  /** No try so far has reached a handler. */
  #unprocessed = true;

  constructor(call: Call, requests: ReplayRequests | undefined) {
    this.call = call;
    this.requests = requests;
  }

  /** Settles a try with what it failed with. */
  end(attempt: Call, thrown: unknown): RpcError {
    // What ended a try says more than what came back from it on the way out.
    const error = attempt.aborted ? (attempt.error as RpcError) : RpcError.from(thrown);
    attempt.settle(error);
    this.#unprocessed &&= attempt.unprocessed;
    return error;
  }

  describe(attempt: Call, error: RpcError, mayRepeat: boolean, usualMs: number): FailedTry {
    const { call, requests } = this;
    return {
      code: error.code,
      tries: this.tries,
      // Nobody but its own timers aborts a try while its call goes on.
      timedOut: attempt.aborted,
      repeatable: mayRepeat || this.#unprocessed,
      replayable: requests?.replayable ?? true,
      pushback: attempt.peekTrailers()?.get(pushbackTrailer),
      retryAfterMs: retryDelayMs(error),
      previousMs: this.previousMs,
      remainingMs: call.remaining(),
      usualMs,
    };
  }

  /** The last try's failure becomes the call's. */
  giveUp(attempt: Call): void {
    adoptHeaders(attempt, this.call);
    adoptTrailers(attempt, this.call);
    this.call.unprocessed = this.#unprocessed;
  }
}

/** Resolves after a wait, or as soon as the call has settled. */
export function pause(call: Call, ms: number): Promise<void> {
  if (ms <= 0 || call.settled) return Promise.resolve();
  return new Promise((resolve) => {
    const cancel = call.runtime.clock.timer(ms, resolve);
    call.onSettle(() => {
      cancel();
      resolve();
    });
  });
}
