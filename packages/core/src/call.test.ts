import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code } from "./code.js";
import { CoreErrors } from "./core-errors.js";
import { RpcError } from "./rpc-error.js";
import { runtimeOnFakeClock } from "./runtime.fixture.js";

describe("Call", () => {
  test("settles once: what comes after changes nothing", () => {
    const call = runtimeOnFakeClock().runtime.root({ name: "work" });
    call.settle();
    call.abort();
    call.settle(new RpcError(Code.Aborted, "no"));
    assert.equal(call.settled, true);
    assert.equal(call.aborted, false);
    assert.equal(call.error, undefined);
    call.throwIfAborted();
  });

  test("abort: listeners, then the signal, then the end; all with the same error", () => {
    const call = runtimeOnFakeClock().runtime.root({ name: "work" });
    const seen: string[] = [];
    const error = new RpcError(Code.Unavailable, "gone");
    call.signal.addEventListener("abort", () => seen.push("signal"));
    call.onSettle((ended) => seen.push(`first settle ${ended === error}`));
    call.onSettle(() => seen.push("second settle"));
    call.onAbort((reason) => seen.push(`abort ${reason === error}`));
    call.abort(error);
    assert.deepEqual(seen, ["abort true", "signal", "second settle", "first settle true"]);
    assert.equal(call.signal.reason, error);
    assert.throws(() => call.throwIfAborted(), error);
  });

  test("listeners that come late hear at once; an abort that never was is never heard", () => {
    const { runtime } = runtimeOnFakeClock();
    const aborted = runtime.root({ name: "aborted" });
    aborted.abort();
    const heard: string[] = [];
    aborted.onAbort(() => heard.push("abort"));
    aborted.onSettle(() => heard.push("settle"));
    assert.equal(aborted.signal.aborted, true);
    assert.deepEqual(heard.splice(0), ["abort", "settle"]);
    const done = runtime.root({ name: "done" });
    done.settle();
    done.onAbort(() => heard.push("abort"));
    done.onSettle(() => heard.push("settle"));
    assert.deepEqual(heard, ["settle"]);
  });

  test("a listener that throws is logged and keeps nothing from ending", () => {
    const { runtime, logged } = runtimeOnFakeClock();
    const call = runtime.root({ name: "work" });
    const heard: string[] = [];
    call.onSettle(() => heard.push("settle"));
    call.onSettle(() => {
      throw new Error("in settle");
    });
    call.onAbort(() => {
      throw new Error("in abort");
    });
    call.onAbort(() => heard.push("abort"));
    call.abort();
    assert.deepEqual(heard, ["abort", "settle"]);
    assert.equal(runtime.deadlines.size, 0);
    assert.equal(logged.length, 2);
  });

  test("a listener that is taken back is not called", () => {
    const call = runtimeOnFakeClock().runtime.root({ name: "work" });
    const heard: string[] = [];
    const one = (): void => void heard.push("one");
    const two = (): void => void heard.push("two");
    call.onAbort(one);
    call.onAbort(two);
    call.offAbort(one);
    call.offAbort(one);
    call.abort();
    assert.deepEqual(heard, ["two"]);
  });

  test("the deadline ends it, and remaining() never goes below 0", async () => {
    const { runtime, clock } = runtimeOnFakeClock();
    const call = runtime.root({ name: "work", timeoutMs: 100 });
    assert.equal(call.remaining(), 100);
    await clock.advance(99);
    assert.equal(call.settled, false);
    await clock.advance(10);
    assert.ok(CoreErrors.DEADLINE_EXCEEDED.is(call.error));
    assert.equal(call.remaining(), 0);
  });

  test("holds: the first holder is named, each lets go once", () => {
    const call = runtimeOnFakeClock().runtime.root({ name: "work" });
    const one = call.hold("one");
    const two = call.hold("two");
    one();
    one();
    assert.equal(call.holder, "two");
    two();
    assert.equal(call.holder, undefined);
  });

  test("baggage is copied on write and kept to the allow-list", () => {
    const { runtime } = runtimeOnFakeClock({ baggageKeys: ["a"] });
    const one = runtime.root({ name: "one" });
    const two = runtime.root({ name: "two" });
    one.setBaggage("a", "1");
    assert.equal(one.baggage.get("a"), "1");
    assert.equal(two.baggage.size, 0);
    assert.throws(() => one.setBaggage("b", "2"), TypeError);
  });

  test("logs carry the call's name, trace and tenant", () => {
    const { runtime, logged } = runtimeOnFakeClock();
    const call = runtime.root({ name: "work", origin: { tenant: "t", releaseTag: "", traceparent: "" } });
    call.log.info("hello", { more: 1 });
    assert.deepEqual(logged[0]?.fields, { call: "work", trace_id: call.trace.traceId, tenant: "t", more: 1 });
  });

  test("events carry the time", async () => {
    const { runtime, clock } = runtimeOnFakeClock();
    const call = runtime.root({ name: "work" });
    assert.deepEqual(call.events, []);
    await clock.advance(5);
    call.event("reserved", { sku: "tea" });
    assert.deepEqual(call.events, [{ name: "reserved", at: clock.now(), attributes: { sku: "tea" } }]);
  });

  test("a user is required where it is needed", () => {
    const call = runtimeOnFakeClock().runtime.root({ name: "work" });
    assert.throws(
      () => call.requireUser(),
      (error) => CoreErrors.USER_REQUIRED.is(error),
    );
  });

  test("one clock reading at the start and one at the end serve all who measure", async () => {
    const { runtime, clock } = runtimeOnFakeClock();
    const call = runtime.root({ name: "work" });
    await clock.advance(5);
    const began = call.began();
    await clock.advance(10);
    assert.equal(call.began(), began);
    assert.equal(call.elapsed(), 10);
    const seen: unknown[] = [];
    const listener = (_: unknown, settled: unknown) => seen.push(settled);
    call.onSettle(listener);
    call.settle();
    call.onSettle(listener);
    assert.deepEqual(seen, [call, call]);
    assert.equal(call.elapsed(), 10);
    await clock.advance(10);
    assert.equal(call.elapsed(), 10);
  });
});
