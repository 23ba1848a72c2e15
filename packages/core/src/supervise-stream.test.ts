import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settled } from "@sampan/testkit";
import type { Call } from "./call.js";
import { Code } from "./code.js";
import type { RpcError } from "./rpc-error.js";
import { from, runtimeOnFakeClock } from "./runtime.fixture.js";
import { mapStream } from "./streams.js";
import { type SupervisedStream, superviseStream } from "./supervise-stream.js";

interface Reader {
  readonly call: Call;
  readonly stream: SupervisedStream;
  readonly results: IteratorResult<unknown>[];
  readonly errors: RpcError[];
  /** Pulls once, and waits until the process is quiet. */
  pull(): Promise<void>;
}

function reader(handler: () => unknown): Reader {
  const call = runtimeOnFakeClock().runtime.root({ name: "work" });
  const stream = superviseStream(handler, undefined, call);
  const results: IteratorResult<unknown>[] = [];
  const errors: RpcError[] = [];
  return {
    call,
    stream,
    results,
    errors,
    pull: async () => {
      stream.pull(
        (result) => void results.push(result),
        (error) => void errors.push(error),
      );
      await settled();
    },
  };
}

describe("pull", () => {
  test("gives every message and the end, with which the call settles", async () => {
    const { call, results, errors, pull } = reader(() => from(1, 2));
    for (let i = 0; i < 2; i++) await pull();
    assert.equal(call.settled, false);
    await pull();
    assert.equal(call.settled, true);
    await pull();
    assert.deepEqual(
      results.map(({ done, value }) => (done === true ? "end" : value)),
      [1, 2, "end", "end"],
    );
    assert.deepEqual(errors, []);
  });

  test("an abort fails the pull that waits, once, and what the handler gives afterwards is dropped", async () => {
    let answer!: (result: IteratorResult<unknown>) => void;
    let returned = 0;
    const slow = {
      next: () => new Promise<IteratorResult<unknown>>((resolve) => (answer = resolve)),
      return: async () => {
        returned++;
        return { done: true, value: undefined };
      },
    };
    const { call, results, errors, pull } = reader(() => ({ [Symbol.asyncIterator]: () => slow }));
    await pull();
    call.abort();
    assert.deepEqual(
      errors.map(({ code }) => code),
      [Code.Canceled],
    );
    assert.equal(returned, 1);
    assert.equal(call.runtime.abandoned, 1);
    answer({ done: false, value: 1 });
    await settled();
    assert.equal(call.runtime.abandoned, 0);
    assert.deepEqual(results, []);
  });

  test("an abort between pulls fails the next one, and then there is the end", async () => {
    const { call, results, errors, pull } = reader(() => from(1, 2));
    await pull();
    call.abort();
    await pull();
    await pull();
    assert.deepEqual(
      [results.map(({ done }) => done), errors.map(({ code }) => code)],
      [[false, true], [Code.Canceled]],
    );
  });

  test("an iterator whose next throws at once fails its call", async () => {
    const broken = {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          throw new Error("broken");
        },
      }),
    };
    const { call, errors, pull } = reader(() => broken);
    await pull();
    assert.equal(errors.length, 1);
    assert.equal(call.error, errors[0]);
  });
});

describe("a mapped stream", () => {
  test("its function is applied, by pull and by next", async () => {
    const mapped = (): unknown => mapStream(from(1, 2), (n) => n * 10);
    const { results, stream, pull } = reader(mapped);
    await pull();
    assert.deepEqual(results, [{ done: false, value: 10 }]);
    assert.deepEqual(await stream.next(), { done: false, value: 20 });
  });

  test("a function that throws fails the call and lets go of the source", async () => {
    let returned = 0;
    const source = {
      next: async () => ({ done: false as const, value: 1 }),
      return: async () => {
        returned++;
        return { done: true as const, value: undefined };
      },
    };
    const bad = (): never => assert.fail("no");
    const { call, errors, pull } = reader(() => mapStream({ [Symbol.asyncIterator]: () => source }, bad));
    await pull();
    assert.equal(returned, 1);
    assert.equal(errors.length, 1);
    assert.equal(call.error, errors[0]);
  });
});
