import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Call, Code, type Layer, RpcError, retryDelayMs } from "@sampan/core";
import { createFakeClock, EchoService } from "@sampan/testkit";
import { clientWith, guardFor, type Handlers, texts } from "../client.fixture.js";
import type { Enforcement } from "../guard.js";
import { REFUSED } from "./breaker.js";
import { BreakerErrors, type BreakerPolicy, breakerSection, EndpointBreakers, makeBreaker } from "./index.js";

const policy: BreakerPolicy = {
  errorRatio: 0.5,
  minimumRequests: 4,
  windowMs: 10_000,
  buckets: 10,
  openMs: 5000,
  probes: 1,
  on: ["unavailable"],
  per: "method",
  maxEndpoints: 2,
};

const isOpen = (error: unknown): boolean => BreakerErrors.BREAKER_OPEN.is(error);

async function setUp(handlers: Handlers, change: Partial<BreakerPolicy> = {}, enforcement?: Enforcement) {
  const clock = createFakeClock();
  const made = guardFor(makeBreaker, { ...policy, ...change }, clock, enforcement === undefined ? {} : { enforcement });
  const joined = await clientWith([made.layer], handlers, clock);
  const fail = async (text: string, times = 4): Promise<void> => {
    for (let i = 0; i < times; i++)
      await joined
        .client()
        .unary({ text })
        .catch(() => {});
  };
  return { ...made, ...joined, fail };
}

/** Fails with the code that the text names, or echoes. */
const unary: Handlers["unary"] = ({ text }) => {
  if (text in Code) throw new RpcError(Code[text as keyof typeof Code], text);
  return { text };
};

describe("breaker around unary calls", () => {
  test("opens on listed codes, refuses at once with the time until it probes, and closes again", async () => {
    const { clock, client, fail, reported, guard, root } = await setUp({ unary });
    await fail("Unavailable");
    const call = root();
    await assert.rejects(
      call.to(EchoService).unary({ text: "x" }),
      (error) => isOpen(error) && /test\/rule is open/.test(String(error)) && retryDelayMs(error as RpcError) === 5000,
    );
    await clock.advance(5000);
    assert.equal((await client().unary({ text: "x" })).text, "x");
    assert.deepEqual(reported, ["opened", "refused open", "half-open", "closed"]);
    assert.equal(guard.state().state, "closed");
  });

  test("other codes do not count as errors", async () => {
    const { fail, guard } = await setUp({ unary });
    for (const text of ["NotFound", "ResourceExhausted", "Internal"]) await fail(text);
    assert.deepEqual(guard.state(), { state: "closed", calls: 12, errors: 0, slow: 0 });
  });

  test("a bad probe opens it again; while it is out, others are refused with a hint", async () => {
    let answer: (value: Promise<never>) => void = () => {};
    const { clock, client, fail, reported } = await setUp({
      unary: ({ text }) => {
        if (text === "Unavailable") throw new RpcError(Code.Unavailable, text);
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    });
    await fail("Unavailable");
    await clock.advance(5000);
    const probe = assert.rejects(client().unary({ text: "hang" }), /bad/);
    await clock.advance(0);
    const hinted = (error: unknown) => isOpen(error) && retryDelayMs(error as RpcError) === 1000;
    await assert.rejects(client().unary({ text: "x" }), hinted);
    answer(Promise.reject(new RpcError(Code.Unavailable, "bad")));
    await probe;
    assert.deepEqual(reported, ["opened", "half-open", "refused half-open", "opened"]);
    await assert.rejects(client().unary({ text: "x" }), isOpen);
  });

  test("a probe that its caller cancels returns it to open, and the next call probes", async () => {
    const { clock, client, fail, reported, root } = await setUp({
      unary: ({ text }) => {
        if (text === "Unavailable") throw new RpcError(Code.Unavailable, text);
        return text === "hang" ? new Promise(() => {}) : { text };
      },
    });
    await fail("Unavailable");
    await clock.advance(5000);
    const call = root();
    const probe = call
      .to(EchoService)
      .unary({ text: "hang" })
      .catch(() => {});
    call.abort();
    await probe;
    await client().unary({ text: "x" });
    assert.deepEqual(reported, ["opened", "half-open", "opened", "half-open", "closed"]);
  });

  test("slow calls open it; one that its caller cancelled before it was slow says nothing, one that was slow counts", async () => {
    const { errorRatio: _, ...rest } = policy;
    const clock = createFakeClock();
    const { guard, layer } = guardFor(makeBreaker, { ...rest, slow: { aboveMs: 100, ratio: 0.5 } }, clock);
    const { root, client } = await clientWith(
      [layer],
      { unary: ({ text }) => new Promise((resolve) => clock.timer(Number(text), () => resolve({ text }))) },
      clock,
    );
    const cancelled = async (afterMs: number): Promise<void> => {
      const call = root();
      const ended = call
        .to(EchoService)
        .unary({ text: "9999" })
        .catch(() => {});
      await clock.advance(afterMs);
      call.abort();
      await ended;
    };
    await cancelled(100);
    assert.equal(guard.state().calls, 0);
    await cancelled(101);
    const good = client().unary({ text: "100" });
    await clock.advance(100);
    await good;
    assert.deepEqual(guard.state(), { state: "closed", calls: 2, errors: 0, slow: 1 });
    const slow = Promise.all([client().unary({ text: "101" }), client().unary({ text: "101" })]);
    await clock.advance(101);
    await slow;
    assert.equal(guard.state().state, "open");
  });

  test("shadow: counts, reports, refuses nobody; its probes are calls that pass anyway", async () => {
    const { clock, client, fail, reported } = await setUp({ unary }, {}, "shadow");
    await fail("Unavailable");
    assert.equal((await client().unary({ text: "x" })).text, "x");
    await clock.advance(5000);
    await client().unary({ text: "x" });
    assert.deepEqual(reported, ["opened", "refused open", "half-open", "closed"]);
  });

  test("a reload keeps it open", async () => {
    const { client, fail, guard } = await setUp({ unary });
    await fail("Unavailable");
    guard.reload({ ...policy, minimumRequests: 100, on: ["internal"] }, "enforce");
    await assert.rejects(client().unary({ text: "x" }), isOpen);
    assert.equal(guard.state().state, "open");
  });

  test("a call that it refuses is known not to have been sent", async () => {
    const clock = createFakeClock();
    const { layer } = guardFor(makeBreaker, policy, clock);
    const calls: Call[] = [];
    const watch: Layer = (next) => (request, call) => {
      calls.push(call);
      return next(request, call);
    };
    const { client } = await clientWith([watch, layer], { unary }, clock);
    for (let i = 0; i < 5; i++)
      await client()
        .unary({ text: "Unavailable" })
        .catch(() => {});
    assert.deepEqual(
      calls.map(({ unprocessed }) => unprocessed),
      [false, false, false, false, true],
    );
  });
});

describe("breaker around streams", () => {
  test("a response stream counts when it ends, and is as slow as its first message", async () => {
    const { errorRatio: _, ...rest } = policy;
    const clock = createFakeClock();
    const { guard, layer } = guardFor(makeBreaker, { ...rest, slow: { aboveMs: 100, ratio: 1 } }, clock);
    const produce: Handlers["produce"] = async function* ({ text }) {
      await clock.advance(Number(text));
      yield { text };
      await clock.advance(500);
    };
    const { client } = await clientWith([layer], { produce }, clock);
    await texts(client().produce({ text: "100" }));
    await texts(client().produce({ text: "101" }));
    assert.deepEqual(guard.state(), { state: "closed", calls: 2, errors: 0, slow: 1 });
  });

  test("opens on streams that fail, and refuses all kinds", async () => {
    const chat: Handlers["chat"] = async function* () {
      yield { text: "a" };
      throw new RpcError(Code.Unavailable, "late");
    };
    async function* requests() {
      yield { text: "x" };
    }
    const { client } = await setUp({ chat }, { per: "rule" });
    for (let i = 0; i < 4; i++) await assert.rejects(texts(client().chat(requests())), /late/);
    await assert.rejects(texts(client().chat(requests())), isOpen);
    await assert.rejects(texts(client().produce({ text: "x" })), isOpen);
    await assert.rejects(client().collect(requests()), isOpen);
  });
});

describe("breakers of endpoints", () => {
  test("each opens by itself, and probes are counted with tickets", () => {
    const breakers = new EndpointBreakers(policy, 10);
    for (let i = 0; i < 4; i++) breakers.outcome("a", false, 1, 0);
    assert.deepEqual([breakers.healthy("a", 0), breakers.healthy("b", 0)], [false, true]);
    assert.equal(breakers.admit("a", 0), REFUSED);
    assert.equal(breakers.healthy("a", 5000), true);
    const ticket = breakers.admit("a", 5000);
    assert.equal(breakers.admit("a", 5000), REFUSED);
    breakers.outcome("a", true, 1, 5001, ticket);
    assert.equal(breakers.healthy("a", 5001), true);
    assert.equal(breakers.open, 0);
  });

  test("a probe that was given up makes room", () => {
    const breakers = new EndpointBreakers(policy, 10);
    for (let i = 0; i < 4; i++) breakers.outcome("a", false, 1, 0);
    breakers.gaveUp("a", 5000, breakers.admit("a", 5000));
    assert.notEqual(breakers.admit("a", 5000), REFUSED);
  });

  test("bounded: closed ones are forgotten first, and what the resolver no longer names", () => {
    const breakers = new EndpointBreakers(policy, 2);
    for (let i = 0; i < 4; i++) breakers.outcome("a", false, 1, 0);
    breakers.outcome("b", true, 1, 0);
    breakers.outcome("c", true, 1, 0);
    assert.deepEqual([breakers.size, breakers.healthy("a", 0)], [2, false]);
    breakers.retain(new Set(["c"]));
    assert.deepEqual([breakers.size, breakers.open], [1, 0]);
    breakers.outcome("d", true, 1, 0);
    breakers.reload(policy, 1);
    assert.equal(breakers.size, 1);
  });

  test("the guard hands them to the balancer, and lets calls through", async () => {
    const { guard, fail, client } = await setUp({ unary }, { per: "endpoint" });
    await fail("Unavailable", 9);
    await client().unary({ text: "x" });
    for (let i = 0; i < 4; i++) guard.endpoints.outcome("a", false, 1, 0);
    assert.deepEqual(guard.state(), { endpoints: 1, open: 1 });
  });
});

test("the section refuses what cannot open or what a count can never reach", () => {
  const { errorRatio: _, ...rest } = policy;
  const problems = (policy: BreakerPolicy) =>
    breakerSection.check?.(policy, {}).map(({ path }) => path.join(".")) ?? [];
  assert.deepEqual(problems(policy), []);
  assert.deepEqual(problems(rest), [""]);
  assert.deepEqual(problems({ ...rest, errorCount: 3 }), ["errorCount"]);
  assert.deepEqual(problems({ ...rest, errorCount: 4 }), []);
  assert.deepEqual(
    [breakerSection.scope?.(policy).over, breakerSection.scope?.({ ...policy, per: "rule" }).over],
    ["method", "rule"],
  );
});
