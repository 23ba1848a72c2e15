import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type Call, Code, CoreErrors, RpcError } from "@sampan/core";
import { EchoResponseSchema, EchoService } from "@sampan/testkit";
import { instance } from "../instances.fixture.js";
import { Stage } from "./balanced-channel.fixture.js";
import { DiscoveryErrors } from "./errors.js";

const address = (id: string) => instance(id).address;
const answer = (text: string) => create(EchoResponseSchema, { text });
/** Refused before any handler saw it. */
const unsent = (call: Call) => {
  call.unprocessed = true;
  return CoreErrors.UNAVAILABLE({ service: "x", why: "refused" });
};

function unary(stage: Stage, timeoutMs = 1000): Promise<string> {
  return stage.runtime.run({ name: "test", timeoutMs }, async (call) => {
    return (await call.to(EchoService).unary({ text: "hello" })).text;
  });
}

function produce(stage: Stage): Promise<string[]> {
  return stage.runtime.run({ name: "test" }, async (call) => {
    const got: string[] = [];
    for await (const message of call.to(EchoService).produce({ text: "hello" })) got.push(message.text);
    return got;
  });
}

async function* stream(...texts: string[]) {
  for (const text of texts) yield answer(text);
}

async function* questions() {
  yield { text: "x" };
}

/** What an iterable does that fails at its first message. */
async function* failing(error: RpcError): AsyncGenerator<never> {
  throw error;
  // biome-ignore lint/correctness/noUnreachable: makes it a generator
  yield undefined as never;
}

describe("balanced channel", () => {
  it("holds calls until the registry has answered once, and spreads those that follow", async () => {
    const stage = new Stage();
    for (const id of ["a1", "a2"]) stage.answers.set(address(id), () => Promise.resolve(answer(id)));
    const first = unary(stage);
    await stage.clock.advance(10);
    assert.deepEqual(stage.calls, []);
    stage.instances(instance("a1"), instance("a2"));
    assert.equal(await first, "a1");
    assert.deepEqual([await unary(stage), await unary(stage)], ["a2", "a1"]);
  });

  it("lets a call that waits for the registry end at its deadline", async () => {
    const stage = new Stage();
    const call = unary(stage, 50);
    call.catch(() => {});
    await stage.clock.advance(60);
    await assert.rejects(call, CoreErrors.DEADLINE_EXCEEDED.is);
    stage.instances(instance("a1"));
    await stage.clock.advance(1);
    assert.deepEqual(stage.calls, []);
  });

  it("refuses what is more than may wait", async () => {
    const stage = new Stage({ maxWaiting: 1 });
    stage.answers.set(address("a1"), () => Promise.resolve(answer("a1")));
    const first = unary(stage);
    await assert.rejects(unary(stage), DiscoveryErrors.TOO_MANY_WAITING.is);
    stage.instances(instance("a1"));
    assert.equal(await first, "a1");
  });

  it("says why nobody can answer, and asks the registry again", async () => {
    const stage = new Stage();
    stage.tell({ error: new RpcError(Code.Unavailable, "etcd is away") });
    await assert.rejects(unary(stage), (error: RpcError) => {
      assert.ok(DiscoveryErrors.NO_INSTANCES.is(error));
      assert.match(error.message, /etcd is away/);
      return true;
    });
    assert.equal(stage.refreshes, 1);
  });

  it("offers a call that nobody has seen to other instances, and no other call", async () => {
    const stage = new Stage();
    stage.instances(instance("a1"), instance("a2"), instance("a3"));
    stage.answers.set(address("a1"), (_, call) => Promise.reject(unsent(call)));
    stage.answers.set(address("a2"), (_, call) => {
      throw unsent(call);
    });
    stage.answers.set(address("a3"), () => Promise.resolve(answer("a3")));
    assert.equal(await unary(stage), "a3");
    assert.deepEqual(stage.calls, ["a1", "a2", "a3"].map(address));
    stage.answers.set(address("a1"), () => Promise.reject(CoreErrors.UNAVAILABLE({ service: "x", why: "reset" })));
    await assert.rejects(unary(stage), CoreErrors.UNAVAILABLE.is);
    assert.equal(stage.calls.length, 4);
  });

  it("gives up after the tries it may make", async () => {
    const stage = new Stage({ maxTries: 2 });
    const all = ["a1", "a2", "a3"];
    stage.instances(...all.map((id) => instance(id)));
    for (const id of all) stage.answers.set(address(id), (_, call) => Promise.reject(unsent(call)));
    await assert.rejects(unary(stage), CoreErrors.UNAVAILABLE.is);
    assert.equal(stage.calls.length, 2);
    for (const { inFlight } of stage.channel.cluster.endpoints) assert.equal(inFlight, 0);
  });

  it("begins a response stream elsewhere before its first message, never after it", async () => {
    const stage = new Stage();
    stage.instances(instance("a1"), instance("a2"));
    stage.answers.set(address("a1"), (_, call) => failing(unsent(call)));
    stage.answers.set(address("a2"), () => stream("x", "y"));
    assert.deepEqual(await produce(stage), ["x", "y"]);
    stage.answers.set(address("a1"), async function* (_, call) {
      yield answer("x");
      throw unsent(call);
    });
    await assert.rejects(produce(stage), CoreErrors.UNAVAILABLE.is);
    assert.equal(stage.calls.length, 3);
  });

  it("does not repeat a call whose request stream somebody has begun to read", async () => {
    const stage = new Stage();
    stage.instances(instance("a1"), instance("a2"));
    stage.answers.set(address("a2"), () => Promise.resolve(answer("a2")));
    const collect = () =>
      stage.runtime.run({ name: "test" }, async (call) => (await call.to(EchoService).collect(questions())).text);
    stage.answers.set(address("a1"), (_, call) => Promise.reject(unsent(call)));
    assert.equal(await collect(), "a2");
    stage.answers.set(address("a1"), async (requests, call) => {
      await (requests as AsyncIterable<unknown>)[Symbol.asyncIterator]().next();
      throw unsent(call);
    });
    await assert.rejects(collect(), CoreErrors.UNAVAILABLE.is);
  });

  it("counts calls in flight, also those that are cancelled", async () => {
    const stage = new Stage();
    stage.instances(instance("a1"));
    let finish = (_: unknown): void => {};
    stage.answers.set(address("a1"), () => new Promise((resolve) => (finish = resolve)));
    const call = unary(stage, 30);
    call.catch(() => {});
    await stage.clock.advance(1);
    const [endpoint] = stage.channel.cluster.endpoints;
    assert.equal(endpoint?.inFlight, 1);
    await stage.clock.advance(40);
    await assert.rejects(call, CoreErrors.DEADLINE_EXCEEDED.is);
    assert.equal(endpoint?.inFlight, 0);
    finish(answer("late"));
    await stage.clock.advance(1);
    assert.equal(endpoint?.inFlight, 0);
  });

  it("closes the channel of an instance that has left when its last call has ended", async () => {
    const stage = new Stage();
    stage.instances(instance("a1"), instance("a2"));
    let finish = (_: unknown): void => {};
    stage.answers.set(address("a1"), () => new Promise((resolve) => (finish = resolve)));
    stage.answers.set(address("a2"), () => Promise.resolve(answer("a2")));
    const open = unary(stage);
    await stage.clock.advance(1);
    stage.instances(instance("a2"));
    assert.deepEqual(stage.closed, []);
    assert.deepEqual([await unary(stage), await unary(stage)], ["a2", "a2"]);
    finish(answer("done"));
    assert.equal(await open, "done");
    assert.deepEqual(stage.closed, [address("a1")]);
  });

  it("goes on with the last good set while the registry fails or is empty", async () => {
    const stage = new Stage();
    stage.instances(instance("a1"));
    stage.answers.set(address("a1"), () => Promise.resolve(answer("a1")));
    stage.tell({ error: new RpcError(Code.Unavailable, "no answer") });
    assert.equal(await unary(stage), "a1");
    stage.instances();
    assert.equal(await unary(stage), "a1");
    assert.equal(stage.channel.state.stale, "empty");
  });

  it("tells its observer how calls went, and asks it whom to spare", async () => {
    const outcomes: [string, boolean][] = [];
    const spared = new Set<string>();
    const observer = {
      healthy: (each: string) => !spared.has(each),
      outcome: (each: string, ok: boolean) => void outcomes.push([each, ok]),
    };
    const stage = new Stage({ observer });
    stage.instances(instance("a1"), instance("a2"));
    stage.answers.set(address("a1"), () => Promise.reject(new RpcError(Code.Unavailable, "reset")));
    stage.answers.set(address("a2"), () => Promise.reject(new RpcError(Code.NotFound, "no such order")));
    await assert.rejects(unary(stage));
    await assert.rejects(unary(stage));
    assert.deepEqual(outcomes, [
      [address("a1"), false],
      [address("a2"), true],
    ]);
    stage.answers.set(address("a1"), () => Promise.reject(CoreErrors.CANCELLED({ method: "x", why: "enough" })));
    await assert.rejects(unary(stage), CoreErrors.CANCELLED.is);
    assert.equal(outcomes.length, 2, "a call that was given up says nothing");
    await assert.rejects(unary(stage));
    spared.add(address("a1"));
    for (let i = 0; i < 4; i++) await assert.rejects(unary(stage), { code: Code.NotFound });
  });

  it("believes that there is nobody when the registry has said so once and nothing since, after the time for it", async () => {
    const stage = new Stage({ workingSet: { believeEmptyAfterMs: 1000 } });
    stage.answers.set(address("a1"), () => Promise.resolve(answer("a1")));
    stage.instances(instance("a1"));
    await unary(stage);
    stage.instances();
    await stage.clock.advance(999);
    assert.equal(await unary(stage), "a1");
    await stage.clock.advance(1);
    await assert.rejects(unary(stage), DiscoveryErrors.NO_INSTANCES.is);
    assert.deepEqual(stage.closed, [address("a1")]);
    assert.equal(stage.channel.state.stale, undefined);
    stage.instances(instance("a1"));
    stage.instances();
    stage.instances(instance("a1"));
    await stage.clock.advance(5000);
    assert.equal(await unary(stage), "a1", "somebody came back in time");
    stage.instances();
    stage.tell({ error: new RpcError(Code.Unavailable, "away") });
    await stage.clock.advance(5000);
    assert.equal(await unary(stage), "a1", "whether it lasted is not known while the registry is away");
    stage.instances(instance("a1"));
    stage.instances();
    await stage.channel.close();
    await stage.clock.advance(60_000);
    assert.equal(stage.clock.pending, 0);
  });

  it("leaves nothing behind when it closes", async () => {
    const stage = new Stage();
    stage.instances(instance("a1"));
    stage.answers.set(address("a1"), () => Promise.resolve(answer("a1")));
    await unary(stage);
    stage.instances(instance("a1"), instance("a2"));
    await stage.channel.close();
    assert.deepEqual(stage.closed, [address("a1")]);
    assert.equal(stage.watchClosed, true);
    // The runtime's own timer for deadlines runs out by itself.
    await stage.clock.advance(60_000);
    assert.equal(stage.clock.pending, 0);
    await assert.rejects(unary(stage), DiscoveryErrors.NO_INSTANCES.is);
  });

  it("keeps a call that came before the registry's answer from being lost when it closes", async () => {
    const stage = new Stage();
    const waiting = unary(stage);
    await stage.clock.advance(1);
    await stage.channel.close();
    await assert.rejects(waiting, (error: unknown) => error instanceof RpcError && error.code === Code.Unavailable);
  });

  it("sends calls of a release to its instances", async () => {
    const stage = new Stage();
    stage.instances(instance("a1"), instance("a2", { version: "canary" }));
    const seen: string[] = [];
    for (const id of ["a1", "a2"])
      stage.answers.set(address(id), (_, call: Call) => {
        seen.push(`${call.releaseTag || "stable"}:${id}`);
        return Promise.resolve(answer(id));
      });
    const origin = { tenant: "default", releaseTag: "canary", traceparent: "" };
    await stage.runtime.run({ name: "test", origin }, async (call) => void (await call.to(EchoService).unary({})));
    await unary(stage);
    assert.deepEqual(seen, ["canary:a2", "stable:a1"]);
  });
});
