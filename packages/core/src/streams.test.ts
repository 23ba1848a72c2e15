import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settled } from "@sampan/testkit";
import { Code } from "./code.js";
import { RpcError } from "./rpc-error.js";
import { from, runtimeOnFakeClock } from "./runtime.fixture.js";
import { guardRequests, mapStream } from "./streams.js";

/** A source that answers when it is told to, and says when it was returned. */
function source(): { stream: AsyncIterable<number>; push: (value: number) => void; returned: () => number } {
  const waiting: ((result: IteratorResult<number>) => void)[] = [];
  let returned = 0;
  const iterator: AsyncIterator<number> = {
    next: () => new Promise((resolve) => waiting.push(resolve)),
    return: async () => {
      returned++;
      return { done: true, value: undefined };
    },
  };
  return {
    stream: { [Symbol.asyncIterator]: () => iterator },
    push: (value) => waiting.shift()?.({ done: false, value }),
    returned: () => returned,
  };
}

describe("mapStream", () => {
  test("maps every message and ends with its source", async () => {
    const seen: string[] = [];
    for await (const text of mapStream(from(1, 2, 3), (n) => `<${n}>`)) seen.push(text);
    assert.deepEqual(seen, ["<1>", "<2>", "<3>"]);
  });

  test("return() reaches a source that waits", async () => {
    const { stream, returned } = source();
    const mapped = mapStream(stream, (n) => n)[Symbol.asyncIterator]();
    void mapped.next();
    await mapped.return?.();
    assert.equal(returned(), 1);
  });

  test("a function that throws fails the stream and lets go of the source", async () => {
    const { stream, push, returned } = source();
    const mapped = mapStream(stream, () => assert.fail("no"))[Symbol.asyncIterator]();
    const pull = mapped.next();
    push(1);
    await assert.rejects(pull, /no/);
    assert.equal(returned(), 1);
  });
});

describe("guardRequests", () => {
  test("an abort frees every reader that waits, and lets go of the source", async () => {
    const call = runtimeOnFakeClock().runtime.root({ name: "work" });
    const { stream, push, returned } = source();
    const requests = guardRequests(stream, call, () => {})[Symbol.asyncIterator]();
    const first = requests.next();
    push(1);
    assert.deepEqual(await first, { done: false, value: 1 });
    const waiting = [requests.next(), requests.next()];
    const outcome = Promise.allSettled(waiting);
    call.abort();
    for (const { status } of await outcome) assert.equal(status, "rejected");
    assert.equal(returned(), 1);
    await assert.rejects(requests.next(), { code: Code.Canceled });
  });

  test("a call that settles first lets go of the source and ends the stream", async () => {
    const call = runtimeOnFakeClock().runtime.root({ name: "work" });
    const { stream, returned } = source();
    const requests = guardRequests(stream, call, () => {})[Symbol.asyncIterator]();
    call.settle();
    assert.equal(returned(), 1);
    assert.equal((await requests.next()).done, true);
  });

  test("a source that has ended is not returned", async () => {
    const call = runtimeOnFakeClock().runtime.root({ name: "work" });
    let returned = 0;
    const ended: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: true, value: undefined }),
        return: async () => {
          returned++;
          return { done: true, value: undefined };
        },
      }),
    };
    const requests = guardRequests(ended, call, () => {})[Symbol.asyncIterator]();
    assert.equal((await requests.next()).done, true);
    call.settle();
    await settled();
    assert.equal(returned, 0);
  });

  test("what the source throws is heard, and reaches the reader as an RpcError", async () => {
    const call = runtimeOnFakeClock().runtime.root({ name: "work" });
    const thrown = new Error("broken pipe");
    const heard: unknown[] = [];
    // biome-ignore lint/correctness/useYield: it fails first
    async function* broken(): AsyncGenerator<number> {
      throw thrown;
    }
    const requests = guardRequests(broken(), call, (error) => heard.push(error))[Symbol.asyncIterator]();
    await assert.rejects(requests.next(), (error) => error instanceof RpcError && error.cause === thrown);
    assert.deepEqual(heard, [thrown]);
    assert.equal((await requests.next()).done, true);
  });
});
