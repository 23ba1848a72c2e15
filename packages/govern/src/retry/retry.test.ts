import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Code, CoreErrors, Metadata, RpcError, retryAfter } from "@sampan/core";
import { createFakeClock, EchoService } from "@sampan/testkit";
import { clientWith, guardFor, type Handlers, texts } from "../client.fixture.js";
import { TimeoutErrors } from "../timeout/index.js";
import { makeRetry, type RetryPolicy, retrySection } from "./index.js";

const policy: RetryPolicy = {
  attempts: 3,
  on: ["unavailable"],
  backoff: { baseMs: 100, maxMs: 1000, factor: 2, jitter: "none" },
  budget: { ratio: 0.2, minPerSecond: 0, burst: 10 },
  evenIfNotIdempotent: false,
  replayMessages: 4,
};

type Options = Parameters<typeof guardFor>[3];

async function setUp(handlers: Handlers, change: Partial<RetryPolicy> = {}, options: Options = {}) {
  const clock = createFakeClock();
  const made = guardFor(makeRetry, { ...policy, ...change }, clock, options);
  return { ...made, ...(await clientWith([made.layer], handlers, clock)) };
}

const unavailable = (text = "busy") => new RpcError(Code.Unavailable, text);

/** Fails so many times, then echoes; says what it has seen. */
function failing(times: number, error: (text: string) => RpcError = unavailable) {
  const seen: (string | undefined)[] = [];
  const unary: Handlers["unary"] = ({ text }, call) => {
    seen.push(call.metadata.get("grpc-previous-rpc-attempts"));
    call.responseHeaders.set("h", String(seen.length));
    call.responseTrailers.set("t", String(seen.length));
    if (seen.length <= times) throw error(text);
    return { text };
  };
  return { seen, unary };
}

describe("retry of a unary call", () => {
  test("waits, tries again, tells the server which try it is, and gives the caller the metadata of the one that counts", async () => {
    const { seen, unary } = failing(2);
    const { clock, client, runtime, reported, guard } = await setUp({ unary });
    const metadata: unknown[] = [];
    const answer = client().unary(
      { text: "x" },
      { onHeaders: (headers) => metadata.push(...headers), onTrailers: (trailers) => metadata.push(...trailers) },
    );
    await clock.advance(99);
    assert.equal(seen.length, 1);
    await clock.advance(1);
    assert.equal(seen.length, 2);
    await clock.advance(200);
    assert.equal((await answer).text, "x");
    assert.deepEqual(seen, [undefined, "1", "2"]);
    assert.deepEqual(metadata, [
      ["h", "3"],
      ["t", "3"],
    ]);
    assert.deepEqual(reported, ["retried", "retried"]);
    assert.equal(guard.state().retries, 2);
    assert.equal(runtime.abandoned, 0);
  });

  test("gives up after its attempts, with the last error and its trailers", async () => {
    const { seen, unary } = failing(9, () => unavailable(`number ${seen.length}`));
    const { clock, client } = await setUp({ unary });
    const trailers: unknown[] = [];
    const failed = assert.rejects(
      client().unary({ text: "x" }, { onTrailers: (all) => trailers.push(...all) }),
      /number 3/,
    );
    await clock.advance(1000);
    await failed;
    assert.deepEqual(trailers, [["t", "3"]]);
  });

  test("what may not be repeated is tried once, unless told or unless no handler was reached", async () => {
    for (const [change, tries] of [
      [{}, 1],
      [{ evenIfNotIdempotent: true }, 3],
    ] as const) {
      const { seen, unary } = failing(2);
      const { clock, client } = await setUp({ unary }, change, { idempotent: false });
      const ended = client()
        .unary({ text: "x" })
        .catch(() => {});
      await clock.advance(1000);
      await ended;
      assert.equal(seen.length, tries);
    }
    const { clock, client, listener, reported } = await setUp({}, {}, { idempotent: false });
    await listener.drain();
    const refused = assert.rejects(client().unary({ text: "x" }), (error) => CoreErrors.DRAINING.is(error));
    await clock.advance(1000);
    await refused;
    assert.deepEqual(reported, ["retried", "retried"]);
  });

  test("a try that runs out of its own time is tried again; its error names the rule", async () => {
    let tries = 0;
    const unary: Handlers["unary"] = ({ text }) => (++tries < 3 ? new Promise(() => {}) : { text });
    const { clock, client } = await setUp({ unary }, { perTryMs: 50 });
    const answer = client().unary({ text: "x" });
    await clock.advance(1000);
    assert.equal((await answer).text, "x");
    const hanging = await setUp({ unary: () => new Promise(() => {}) }, { perTryMs: 50, attempts: 2 });
    const failed = assert.rejects(hanging.client().unary({ text: "x" }), (error) =>
      TimeoutErrors.TRY_TIMED_OUT.is(error),
    );
    await hanging.clock.advance(1000);
    await failed;
    assert.equal(hanging.runtime.deadlines.size, 1);
  });

  test("server push-back: an exact wait, or no further try", async () => {
    const pushing = (value: string) => {
      const { seen, unary } = failing(
        1,
        () => new RpcError(Code.Unavailable, "b", { metadata: Metadata.of({ "grpc-retry-pushback-ms": value }) }),
      );
      return { seen, handlers: { unary } };
    };
    const exact = pushing("7");
    const one = await setUp(exact.handlers);
    const answer = one.client().unary({ text: "x" });
    await one.clock.advance(7);
    await answer;
    const never = pushing("-1");
    const two = await setUp(never.handlers);
    await assert.rejects(two.client().unary({ text: "x" }));
    assert.equal(never.seen.length, 1);
    assert.deepEqual(two.reported, ["not-retried-pushed-back"]);
  });

  test("RetryInfo is waited for, and is a reason to give up at once when the deadline comes first", async () => {
    const later = () => new RpcError(Code.Unavailable, "b", { details: [retryAfter(500)] });
    const { seen, unary } = failing(1, later);
    const { clock, client, reported } = await setUp({ unary });
    const answer = client().unary({ text: "x" });
    await clock.advance(499);
    assert.equal(seen.length, 1);
    await clock.advance(1);
    await answer;
    seen.length = 0;
    await assert.rejects(client(400).unary({ text: "x" }), /b/);
    assert.deepEqual(reported, ["retried", "not-retried-deadline"]);
  });

  test("the call's end while it waits ends it, and no try follows", async () => {
    const { seen, unary } = failing(9);
    const { clock, root, runtime } = await setUp({ unary });
    const call = root();
    const failed = assert.rejects(
      call.to(EchoService).unary({ text: "x" }),
      (error) => error instanceof RpcError && error.code === Code.Canceled,
    );
    await clock.advance(50);
    call.abort();
    await failed;
    await clock.advance(1000);
    assert.equal(seen.length, 1);
    assert.equal(runtime.abandoned, 0);
  });

  test("the budget is shared by all calls, and what it refuses is reported", async () => {
    const { unary } = failing(Number.POSITIVE_INFINITY);
    const { clock, client, reported } = await setUp(
      { unary },
      { attempts: 2, budget: { ratio: 0.1, minPerSecond: 0, burst: 2 } },
    );
    for (let i = 0; i < 30; i++) {
      const failed = assert.rejects(client().unary({ text: "x" }));
      await clock.advance(100);
      await failed;
    }
    const retried = reported.filter((each) => each === "retried").length;
    assert.ok(retried >= 4 && retried <= 5, String(retried));
    assert.equal(reported.filter((each) => each === "not-retried-budget").length, 30 - retried);
  });

  test("a reload changes the next decision and keeps the budget", async () => {
    const { unary } = failing(9);
    const { clock, client, guard, reported } = await setUp(
      { unary },
      { budget: { ratio: 0, minPerSecond: 0, burst: 2 } },
    );
    const failed = client()
      .unary({ text: "x" })
      .catch(() => {});
    await clock.advance(1000);
    await failed;
    guard.reload({ ...policy, attempts: 2, budget: { ratio: 0, minPerSecond: 0, burst: 9 } }, "enforce");
    assert.equal(guard.state().budget, 0);
    await assert.rejects(client().unary({ text: "x" }));
    assert.deepEqual(reported, ["retried", "retried", "not-retried-budget"]);
  });

  test("shadow: reports what it would have tried again, tries nothing again", async () => {
    const { seen, unary } = failing(1);
    const { client, reported } = await setUp({ unary }, {}, { enforcement: "shadow" });
    await assert.rejects(client().unary({ text: "x" }));
    await client().unary({ text: "x" });
    assert.deepEqual([seen.length, reported], [2, ["retried"]]);
  });
});

describe("retry of streams", () => {
  test("a response stream that fails before its first message starts again, and not after it", async () => {
    let tries = 0;
    const produce: Handlers["produce"] = async function* ({ text }, call) {
      tries++;
      call.responseTrailers.set("t", String(tries));
      if (tries < 3) throw unavailable();
      yield { text: "a" };
      if (text === "break") throw unavailable("late");
      yield { text: "b" };
    };
    const { clock, client } = await setUp({ produce });
    const trailers: unknown[] = [];
    const all = texts(client().produce({ text: "" }, { onTrailers: (each) => trailers.push(...each) }));
    await clock.advance(1000);
    assert.deepEqual(await all, ["a", "b"]);
    assert.deepEqual([tries, trailers], [3, [["t", "3"]]]);
    await assert.rejects(texts(client().produce({ text: "break" })), /late/);
    assert.equal(tries, 4);
  });

  test("an empty response stream is an answer", async () => {
    let tries = 0;
    const produce: Handlers["produce"] = async function* () {
      tries++;
      yield* [];
    };
    const { client } = await setUp({ produce });
    assert.deepEqual(await texts(client().produce({ text: "" })), []);
    assert.equal(tries, 1);
  });

  test("a reader that stops cancels the try", async () => {
    let cancelled = false;
    const produce: Handlers["produce"] = async function* (_, call) {
      call.onAbort(() => {
        cancelled = true;
      });
      for (;;) yield { text: "x" };
    };
    const { client } = await setUp({ produce });
    for await (const _ of client().produce({ text: "" })) break;
    assert.equal(cancelled, true);
  });

  test("request streams are sent again from their start, within the limit", async () => {
    async function* requests(count: number) {
      for (let i = 0; i < count; i++) yield { text: String(i) };
    }
    let tries = 0;
    const collect: Handlers["collect"] = async (requests) => {
      const fails = ++tries === 1;
      let text = "";
      for await (const request of requests) text += request.text;
      if (fails) throw unavailable();
      return { text };
    };
    const chat: Handlers["chat"] = async function* (requests) {
      const fails = ++tries === 1;
      let text = "";
      for await (const request of requests) {
        text += request.text;
        if (fails && text.length === 3) throw unavailable();
        if (text.length === 4) yield { text };
      }
    };
    const { clock, client, reported } = await setUp({ collect, chat });
    const joined = client().collect(requests(4));
    await clock.advance(100);
    assert.equal((await joined).text, "0123");
    tries = 0;
    const chatted = texts(client().chat(requests(9)));
    await clock.advance(100);
    assert.deepEqual(await chatted, ["0123"]);
    tries = 0;
    await assert.rejects(client().collect(requests(5)), /busy/);
    assert.deepEqual(reported, ["retried", "retried", "not-retried-requests-not-kept"]);
  });
});

test("the section refuses waits and timeouts that contradict each other", () => {
  const problems = (change: Partial<RetryPolicy>, timeout?: object) =>
    (retrySection.check?.({ ...policy, ...change }, { timeout }) ?? []).map(({ path }) => path.join("."));
  assert.deepEqual(problems({}), []);
  assert.deepEqual(problems({ backoff: { ...policy.backoff, baseMs: 1001 } }), ["backoff.base"]);
  assert.deepEqual(problems({ perTryMs: 101 }, { timeoutMs: 100 }), ["perTry"]);
  assert.deepEqual(problems({ perTryMs: 100 }, { timeoutMs: 100 }), []);
});
