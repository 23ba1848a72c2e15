import { RpcError } from "@sampan/core";

/**
 * A response stream that begins again elsewhere when its first message fails in a way that `again` has an answer to.
 * After the first message it is the source itself that is asked.
 */
export function reroutedStream(
  first: AsyncIterable<unknown>,
  again: (error: RpcError) => AsyncIterable<unknown> | undefined,
): AsyncIterableIterator<unknown> {
  let source = first[Symbol.asyncIterator]();
  let begun = false;
  const next = async (): Promise<IteratorResult<unknown>> => {
    if (begun) return source.next();
    try {
      const result = await source.next();
      begun = true;
      return result;
    } catch (thrown) {
      const other = again(RpcError.from(thrown));
      if (other === undefined) throw thrown;
      source = other[Symbol.asyncIterator]();
      return next();
    }
  };
  return {
    next,
    return: async () => {
      await source.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
