import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { settled } from "@sampan/testkit";
import { Code } from "./code.js";
import { CoreErrors } from "./core-errors.js";
import { RpcError } from "./rpc-error.js";
import { runtimeOnFakeClock } from "./runtime.fixture.js";
import { superviseUnary } from "./supervise.js";
import { superviseStream } from "./supervise-stream.js";

function open(): { opened: Promise<unknown>; open: (value?: unknown) => void; fail: (error: unknown) => void } {
  let open!: (value?: unknown) => void;
  let fail!: (error: unknown) => void;
  const opened = new Promise((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { opened, open, fail };
}

describe("superviseUnary", () => {
  for (const end of ["open", "fail"] as const) {
    test(`a handler that outlives its call is counted until it ends by itself (${end})`, async () => {
      const { runtime } = runtimeOnFakeClock();
      const call = runtime.root({ name: "work" });
      const hang = open();
      const result = superviseUnary(() => hang.opened, undefined, call);
      call.abort();
      await assert.rejects(result, { code: Code.Canceled });
      assert.equal(runtime.abandoned, 1);
      hang[end](new Error("late"));
      await settled();
      assert.equal(runtime.abandoned, 0);
    });
  }

  test("a handler that aborts its own call before it answers", async () => {
    const { runtime } = runtimeOnFakeClock();
    for (const answer of [() => "x", () => Promise.resolve("x"), () => assert.fail("late")]) {
      const call = runtime.root({ name: "work" });
      const result = superviseUnary(
        () => {
          call.abort();
          return answer();
        },
        undefined,
        call,
      );
      await assert.rejects(result, { code: Code.Canceled });
      await settled();
      assert.equal(runtime.abandoned, 0);
    }
  });

  test("a call that has settled does not run its handler", async () => {
    const { runtime } = runtimeOnFakeClock();
    const call = runtime.root({ name: "work" });
    call.abort();
    await assert.rejects(
      superviseUnary(() => assert.fail("ran"), undefined, call),
      { code: Code.Canceled },
    );
    assert.equal(runtime.abandoned, 0);
  });

  test("what a headers callback throws fails the call", async () => {
    const { runtime } = runtimeOnFakeClock();
    const call = runtime.root({ name: "work" });
    const result = superviseUnary(
      () => "x",
      undefined,
      call,
      () => {
        throw new RpcError(Code.DataLoss, "bad headers");
      },
    );
    await assert.rejects(result, { code: Code.DataLoss });
    assert.equal(call.error?.code, Code.DataLoss);
  });

  test("null and undefined are no response", async () => {
    for (const nothing of [null, undefined, Promise.resolve()]) {
      const call = runtimeOnFakeClock().runtime.root({ name: "work" });
      await assert.rejects(
        superviseUnary(() => nothing, undefined, call),
        (error) => CoreErrors.EMPTY_RESPONSE.is(error),
      );
    }
  });
});

describe("superviseStream", () => {
  test("a pull that outlives its call is counted until it comes back", async () => {
    const { runtime } = runtimeOnFakeClock();
    const call = runtime.root({ name: "work" });
    const hang = open();
    const stream = superviseStream(
      // biome-ignore lint/correctness/useYield: it never gets that far
      async function* () {
        await hang.opened;
      },
      undefined,
      call,
    );
    const pull = stream.next();
    const queued = stream.next();
    call.abort();
    await assert.rejects(pull, { code: Code.Canceled });
    assert.equal((await queued).done, true);
    assert.equal(runtime.abandoned, 1);
    hang.open();
    await settled();
    assert.equal(runtime.abandoned, 0);
  });

  test("an abort between two pulls is thrown by the next one, once", async () => {
    const call = runtimeOnFakeClock().runtime.root({ name: "work" });
    let closed = false;
    const stream = superviseStream(
      async function* () {
        try {
          yield 1;
          yield 2;
        } finally {
          closed = true;
        }
      },
      undefined,
      call,
    );
    assert.deepEqual(await stream.next(), { done: false, value: 1 });
    call.abort();
    await settled();
    assert.equal(closed, true);
    await assert.rejects(stream.next(), { code: Code.Canceled });
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  test("a handler that answers with no stream, or throws at once, fails the first pull", async () => {
    for (const handler of [() => undefined, () => assert.fail("at once")]) {
      const call = runtimeOnFakeClock().runtime.root({ name: "work" });
      const stream = superviseStream(handler, undefined, call);
      await assert.rejects(stream.next(), { code: Code.Internal });
      assert.equal(call.error?.code, Code.Internal);
      assert.equal((await stream.next()).done, true);
    }
  });

  test("many pulls at once, of a source that answers late, come in order", async () => {
    const call = runtimeOnFakeClock().runtime.root({ name: "work" });
    const stream = superviseStream(
      async function* () {
        for (let i = 0; i < 6; i++) {
          await settled();
          yield i;
        }
      },
      undefined,
      call,
    );
    const first = [stream.next(), stream.next(), stream.next()];
    assert.equal((await first[0])?.value, 0);
    const more = [stream.next(), stream.next(), stream.next(), stream.next()];
    const results = await Promise.all([...first, ...more]);
    assert.deepEqual(
      results.map(({ value }) => value),
      [0, 1, 2, 3, 4, 5, undefined],
    );
    assert.equal(call.settled, true);
  });

  test("an iterator whose return() throws does no harm", async () => {
    const { runtime, logged } = runtimeOnFakeClock();
    const call = runtime.root({ name: "work" });
    const nasty = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 1 }),
        return: () => assert.fail("nasty"),
      }),
    };
    const stream = superviseStream(() => nasty, undefined, call);
    await stream.next();
    await stream.return?.();
    assert.equal(call.aborted, true);
    assert.equal(runtime.deadlines.size, 0);
    assert.deepEqual(logged, []);
  });
});
