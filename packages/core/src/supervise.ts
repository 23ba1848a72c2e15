import type { Call } from "./call.js";
import { CoreErrors } from "./core-errors.js";
import { failure } from "./failure.js";
import { type Handler, isPromise } from "./handler.js";
import type { Metadata } from "./metadata.js";

const ignore = (): void => {};

/**
 * Runs a handler so that its call settles exactly once, and at once when it is aborted: the result settles with the
 * abort's error even if the handler never returns. Such a handler is counted as abandoned until it does.
 * Used at both ends of a call: by clients around the channel, by transports around the service.
 *
 * A failure that nobody awaits is not an unhandled rejection: whoever awaits it sees it, and a handler that forgot an
 * `await` must not end the process that serves everybody else.
 */
export function superviseUnary(
  handler: Handler,
  request: unknown,
  call: Call,
  onHeaders?: (headers: Metadata) => void,
): Promise<unknown> {
  let resolve!: (response: unknown) => void;
  let reject!: (error: unknown) => void;
  const response = new Promise<unknown>((fulfil, refuse) => {
    resolve = fulfil;
    reject = refuse;
  });
  const refuse = (error: unknown): void => {
    response.catch(ignore);
    reject(error);
  };
  if (call.settled) {
    refuse(call.error);
    return response;
  }
  let running = true;
  call.onAbort((error) => {
    if (running) call.runtime.abandoned++;
    refuse(error);
  });
  const fail = (thrown: unknown): void => {
    running = false;
    if (call.settled) {
      call.runtime.abandoned--;
      return;
    }
    const error = failure(thrown, call);
    call.settle(error);
    refuse(error);
  };
  const succeed = (result: unknown): void => {
    if (call.settled) {
      running = false;
      call.runtime.abandoned--;
      return;
    }
    if (result === undefined || result === null) {
      fail(CoreErrors.EMPTY_RESPONSE({ method: call.name }));
      return;
    }
    call.markMessage();
    try {
      onHeaders?.(call.responseHeaders);
    } catch (thrown) {
      fail(thrown);
      return;
    }
    running = false;
    call.settle();
    resolve(result);
  };
  let result: unknown;
  try {
    result = handler(request, call);
  } catch (thrown) {
    fail(thrown);
    return response;
  }
  if (isPromise(result)) result.then(succeed, fail);
  else succeed(result);
  return response;
}
