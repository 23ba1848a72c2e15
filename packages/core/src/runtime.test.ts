import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { EchoService, settled } from "@sampan/testkit";
import { Code } from "./code.js";
import { CoreErrors } from "./core-errors.js";
import { Dispatcher } from "./dispatcher.js";
import { type Method, methods } from "./method.js";
import type { Channel } from "./ports/transport.js";
import { RpcError } from "./rpc-error.js";
import { runtimeOnFakeClock } from "./runtime.fixture.js";
import { implement } from "./service.js";

const [unary] = methods(EchoService) as [Method];
const echo = implement(EchoService, {
  unary: () => ({}),
  collect: async () => ({}),
  async *produce() {},
  async *chat() {},
});

describe("Runtime.run", () => {
  test("gives what the work gives, also nothing, and settles its call", async () => {
    const { runtime } = runtimeOnFakeClock();
    assert.equal(await runtime.run({ name: "work" }, async () => 7), 7);
    assert.equal(await runtime.run({ name: "work" }, async () => undefined), undefined);
    assert.equal(runtime.deadlines.size, 0);
  });

  test("fails with what the work throws, and at its deadline when it hangs", async () => {
    const { runtime, clock, logged } = runtimeOnFakeClock();
    const failing = runtime.run({ name: "work" }, async () => {
      throw new RpcError(Code.Aborted, "no");
    });
    await assert.rejects(failing, { code: Code.Aborted });
    const broken = runtime.run({ name: "work" }, async () => assert.fail("bug"));
    await assert.rejects(broken, { code: Code.Internal });
    assert.equal(logged.length, 1);
    const hanging = runtime.run({ name: "work", timeoutMs: 50 }, () => new Promise(() => {}));
    const outcome = assert.rejects(hanging, { code: Code.DeadlineExceeded });
    await clock.advance(60);
    await outcome;
    assert.equal(runtime.abandoned, 1);
  });

  test("a root call takes tenant and tag over, links the trace, and nothing else", () => {
    const { runtime } = runtimeOnFakeClock({ defaultTimeoutMs: 1234 });
    const cause = runtime.root({ name: "cause", origin: { tenant: "t", releaseTag: "r", traceparent: "" } });
    cause.abort();
    const call = runtime.root({ name: "later", origin: cause.origin });
    assert.deepEqual([call.tenant, call.releaseTag, call.remaining(), call.settled], ["t", "r", 1234, false]);
    assert.equal(call.links.length, 1);
    assert.equal(call.side, "root");
  });
});

describe("clients", () => {
  test("a channel is asked for once for each service; an error in finding it fails the call", async () => {
    let asked = 0;
    const connect = (): Channel => {
      asked++;
      return { invoke: () => ({ text: "x" }), close: async () => {} };
    };
    const { runtime } = runtimeOnFakeClock({ connect });
    const client = runtime.root({ name: "work" }).to(EchoService);
    await client.unary({});
    await client.unary({});
    assert.equal(asked, 1);
    const lost = runtimeOnFakeClock().runtime.root({ name: "work" }).to(EchoService);
    await assert.rejects(lost.unary({}), { code: Code.Unavailable });
  });

  test("a request that is no message fails the call, and leaves none behind", async () => {
    const channel: Channel = { invoke: () => ({}), close: async () => {} };
    const { runtime } = runtimeOnFakeClock({ connect: () => channel });
    const parent = runtime.root({ name: "work" });
    const client = parent.to(EchoService, { timeoutMs: 5 });
    await assert.rejects(client.unary(null as never), RpcError);
    await assert.rejects(client.produce(null as never).next() as Promise<unknown>, RpcError);
    parent.settle();
    assert.equal(runtime.deadlines.size, 0);
  });

  test("a shorter deadline holds even when the other side never answers", async () => {
    const channel: Channel = { invoke: () => new Promise(() => {}), close: async () => {} };
    const { runtime, clock } = runtimeOnFakeClock({ connect: () => channel });
    const parent = runtime.root({ name: "work", timeoutMs: 1000 });
    const outcome = assert.rejects(parent.to(EchoService).unary({}, { timeoutMs: 100 }), {
      code: Code.DeadlineExceeded,
    });
    await clock.advance(110);
    await outcome;
    assert.equal(parent.settled, false);
    parent.settle();
    assert.equal(runtime.deadlines.size, 0);
  });

  test("options of the client hold unless a call has its own", async () => {
    const left: number[] = [];
    const channel: Channel = {
      invoke: (_method, _request, call) => {
        left.push(call.remaining());
        return {};
      },
      close: async () => {},
    };
    const { runtime } = runtimeOnFakeClock({ connect: () => channel });
    const client = runtime.root({ name: "work" }).to(EchoService, { timeoutMs: 100 });
    await client.unary({});
    await client.unary({}, { timeoutMs: 50 });
    await client.unary({}, { timeoutMs: 10_000_000 });
    assert.deepEqual(left, [100, 50, 30_000]);
  });
});

describe("Dispatcher", () => {
  test("refuses the same service twice, and finds methods by path", () => {
    const { runtime } = runtimeOnFakeClock();
    assert.throws(() => new Dispatcher(runtime, [echo, echo]), /EchoService is served twice/);
    const dispatcher = new Dispatcher(runtime, [echo]);
    assert.equal(dispatcher.find(unary.path)?.method, unary);
    assert.equal(dispatcher.find("/nobody/Here"), undefined);
    assert.throws(
      () => dispatcher.require("/nobody/Here"),
      (error) => CoreErrors.UNIMPLEMENTED.is(error),
    );
  });

  test("gives a call without a deadline the default", () => {
    const { runtime } = runtimeOnFakeClock({ defaultTimeoutMs: 777 });
    const dispatcher = new Dispatcher(runtime, [echo]);
    assert.equal(dispatcher.accept(unary, {}).remaining(), 777);
    assert.equal(dispatcher.accept({ ...unary, timeoutMs: 55 }, {}).remaining(), 55);
  });

  test("a call that comes after its deadline is settled already", () => {
    const { runtime, clock } = runtimeOnFakeClock();
    const dispatcher = new Dispatcher(runtime, [echo]);
    const call = dispatcher.accept(unary, { deadline: clock.now() - 1 });
    assert.ok(CoreErrors.DEADLINE_EXCEEDED.is(call.error));
    assert.equal(dispatcher.inFlight, 0);
  });

  test("idle resolves when the last call has settled, and again later", async () => {
    const dispatcher = new Dispatcher(runtimeOnFakeClock().runtime, [echo]);
    await dispatcher.idle();
    const calls = [dispatcher.accept(unary, {}), dispatcher.accept(unary, {})];
    let idle = 0;
    void dispatcher.idle().then(() => idle++);
    void dispatcher.idle().then(() => idle++);
    calls[0]?.settle();
    await settled();
    assert.equal(idle, 0);
    dispatcher.abortAll();
    await settled();
    assert.equal(idle, 2);
    assert.equal(calls[1]?.error?.code, Code.Unavailable);
    await dispatcher.idle();
  });

  test("baggage that the process does not allow is dropped", () => {
    const dispatcher = new Dispatcher(runtimeOnFakeClock({ baggageKeys: ["a"] }).runtime, [echo]);
    const baggage = new Map([
      ["a", "1"],
      ["b", "2"],
    ]);
    assert.deepEqual([...dispatcher.accept(unary, { baggage }).baggage], [["a", "1"]]);
  });
});
