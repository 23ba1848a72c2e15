import type { Call } from "../call.js";
import type { RpcError } from "../rpc-error.js";

const ignore = (): void => {};

/**
 * The server's responses as the client reads them. The handler starts at once, as it does behind a network, and is at
 * most one message ahead of its reader; from then on a message is made when the reader asks for it.
 */
export function memoryResponses(
  source: AsyncIterableIterator<unknown>,
  inbound: Call,
  call: Call,
  receive: (message: unknown) => unknown,
  sent: (thrown: unknown) => RpcError,
): AsyncIterableIterator<unknown> {
  let ahead: Promise<IteratorResult<unknown>> | undefined = source.next();
  // Seen when it is read; a stream that nobody reads must not count as an unhandled rejection.
  ahead.catch(ignore);
  let first = true;
  const bringHeaders = (): void => {
    const headers = first ? inbound.peekHeaders() : undefined;
    first = false;
    if (headers !== undefined) call.responseHeaders.appendAll(headers);
  };
  return {
    async next(): Promise<IteratorResult<unknown>> {
      const pull = ahead ?? source.next();
      ahead = undefined;
      try {
        const result = await pull;
        bringHeaders();
        return result.done === true ? result : { done: false, value: receive(result.value) };
      } catch (error) {
        bringHeaders();
        inbound.abort();
        throw sent(error);
      }
    },
    return(): Promise<IteratorResult<unknown>> {
      return (source.return as () => Promise<IteratorResult<unknown>>)();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
