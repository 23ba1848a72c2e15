import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import { EchoService } from "@sampan/testkit";
import type { Call, CallOptions } from "./call.js";
import { Code } from "./code.js";
import { CoreErrors } from "./core-errors.js";
import type { Channel } from "./ports/transport.js";
import { RpcError } from "./rpc-error.js";
import { from, runtimeOnFakeClock } from "./runtime.fixture.js";

/** Starts calls that hang until they are aborted, and remembers them. */
function hanging(): { root: Call; started: Call[] } {
  const started: Call[] = [];
  const channel: Channel = {
    invoke(method, _request, call) {
      started.push(call);
      if (!method.serverStreams) return new Promise(() => {});
      return (async function* () {
        await new Promise(() => {});
      })();
    },
    close: () => Promise.resolve(),
  };
  return { root: runtimeOnFakeClock({ connect: () => channel }).runtime.root({ name: "test" }), started };
}

/** One call of each kind; a rejection for each that fails. */
function ofEveryKind(root: Call, options: CallOptions): Promise<unknown>[] {
  const echo = root.to(EchoService);
  return [
    echo.unary({}, options),
    echo.collect(from({}), options),
    echo.produce({}, options).next(),
    echo.chat(from({}), options).next(),
  ];
}

const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

describe("the signal of a call's options", () => {
  test("cancels calls of every kind when it aborts, with its reason as the cause", async () => {
    const { root, started } = hanging();
    const controller = new AbortController();
    const calls = ofEveryKind(root, { signal: controller.signal });
    assert.deepEqual([started.length, listeners(controller.signal)], [4, 4]);
    const reason = new Error("the user has left");
    controller.abort(reason);
    for (const call of calls) {
      await assert.rejects(call, (error: RpcError) => CoreErrors.CANCELLED.is(error) && error.cause === reason);
    }
    assert.ok(started.every(({ aborted }) => aborted));
    assert.equal(root.settled, false);
  });

  test("that has aborted already: the call is not made at all, and no listener stays", async () => {
    const { root, started } = hanging();
    const signal = AbortSignal.abort();
    for (const call of ofEveryKind(root, { signal })) await assert.rejects(call, { code: Code.Canceled });
    assert.deepEqual([started.length, listeners(signal)], [0, 0]);
  });

  test("an RpcError as its reason is what the call fails with", async () => {
    const { root } = hanging();
    const controller = new AbortController();
    const call = root.to(EchoService).unary({}, { signal: controller.signal });
    const reason = new RpcError(Code.DeadlineExceeded, "the other call took too long");
    controller.abort(reason);
    await assert.rejects(call, reason);
  });

  test("no listener stays when the call has settled, or was refused", async () => {
    const { root, started } = hanging();
    const { signal } = new AbortController();
    const calls = ofEveryKind(root, { signal });
    for (const call of started) call.abort();
    for (const call of calls) await assert.rejects(call, { code: Code.Canceled });
    assert.equal(listeners(signal), 0);
    await assert.rejects(root.to(EchoService).unary({}, { signal, timeoutMs: 0 }), { code: Code.DeadlineExceeded });
    root.abort();
    await assert.rejects(root.to(EchoService).unary({}, { signal }), { code: Code.Canceled });
    assert.equal(listeners(signal), 0);
  });
});

test("waitForReady reaches the transport as it was given, and not the calls below", async () => {
  const { root, started } = hanging();
  for (const waitForReady of [true, false]) void root.to(EchoService, { waitForReady }).unary({});
  void root.to(EchoService).unary({});
  const [first] = started as [Call];
  void first.to(EchoService).unary({});
  assert.deepEqual(
    started.map((call) => call.waitForReady),
    [true, false, undefined, undefined],
  );
});
