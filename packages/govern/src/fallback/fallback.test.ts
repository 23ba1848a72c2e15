import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Call,
  Code,
  CoreErrors,
  decodeMessage,
  type Metadata,
  type Method,
  methods,
  RpcError,
} from "@sampan/core";
import type { Broker, BrokerMessage } from "@sampan/core/ports";
import { createFakeClock, EchoRequestSchema, EchoService, RelayService } from "@sampan/testkit";
import { clientWith, guardFor } from "../client.fixture.js";
import type { Enforcement } from "../guard.js";
import { fallbackKind, fallbackMisfit } from "./layer.js";
import type { FallbackPorts } from "./plan.js";
import { type FallbackPolicy, fallbackSection, type LastGoodPolicy } from "./policy.js";

const lastGood: LastGoodPolicy = {
  maxAgeMs: 600_000,
  refreshMs: 0,
  maxEntries: 10,
  maxBytes: 100_000,
  fields: [],
  public: false,
};

const [unary, , produce] = methods(EchoService) as [Method, Method, Method];
const relay = methods(RelayService)[0] as Method;
const idempotent: Method = { ...unary, idempotent: true };
const unavailable = () => CoreErrors.UNAVAILABLE({ service: "echo", why: "it was told to" });

interface Options extends FallbackPorts {
  readonly enforcement?: Enforcement;
  readonly idempotent?: boolean;
}

async function withFallback(policy: FallbackPolicy, { enforcement, idempotent, ...ports }: Options = {}) {
  const clock = createFakeClock();
  const made = guardFor(fallbackKind(ports).make, policy, clock, {
    ...(enforcement === undefined ? {} : { enforcement }),
    ...(idempotent === undefined ? {} : { idempotent }),
  });
  const mood: { fails: RpcError | undefined; served: number } = { fails: undefined, served: 0 };
  const handler = ({ text }: { text: string }, call: Call) => {
    mood.served++;
    if (mood.fails !== undefined) throw mood.fails;
    return { text: `${text} for ${call.tenant}/${call.user?.subject ?? "nobody"} ${mood.served}` };
  };
  const joined = await clientWith([made.layer], { unary: handler }, clock);
  const ask = (text: string, tenant = "default", subject?: string, onHeaders?: (headers: Metadata) => void) =>
    joined.runtime
      .root({ name: "test", origin: { tenant, releaseTag: "", traceparent: "" } })
      .to(EchoService)
      .unary(
        { text },
        {
          ...(subject === undefined ? {} : { user: { subject, roles: [] } }),
          ...(onHeaders === undefined ? {} : { onHeaders }),
        },
      )
      .then(
        (response) => response.text,
        (error: RpcError) => error.code,
      );
  return { ...joined, ...made, mood, ask };
}

test("a fixed answer stands for refusals, and not for other errors", async () => {
  const { ask, mood, reported } = await withFallback({ answer: { text: "later" } });
  assert.equal(await ask("a"), "a for default/nobody 1");
  mood.fails = unavailable();
  assert.equal(await ask("a"), "later");
  assert.equal(await ask("a"), "later");
  mood.fails = new RpcError(Code.NotFound, "no");
  assert.equal(await ask("a"), Code.NotFound);
  assert.deepEqual(reported, ["answered-fixed", "answered-fixed"]);
});

test("each caller owns its answer", async () => {
  const { client, mood } = await withFallback({ answer: { text: "later" } });
  mood.fails = unavailable();
  const first = await client().unary({});
  first.text = "changed";
  assert.equal((await client().unary({})).text, "later");
});

test("it acts on the statuses and reasons that its rule names", async () => {
  const { ask, mood, guard } = await withFallback({ on: ["not-found", "DRAINING"], answer: { text: "later" } });
  mood.fails = unavailable();
  assert.equal(await ask("a"), Code.Unavailable);
  mood.fails = CoreErrors.DRAINING();
  assert.equal(await ask("a"), "later");
  mood.fails = new RpcError(Code.NotFound, "no");
  assert.equal(await ask("a"), "later");
  guard.reload({ on: ["unavailable"], answer: { text: "otherwise" } }, "enforce");
  assert.equal(await ask("a"), Code.NotFound);
  mood.fails = unavailable();
  assert.equal(await ask("a"), "otherwise");
});

test("the last good answer is given, marked with its age, until it is too old", async () => {
  const { ask, mood, clock, reported } = await withFallback({ lastGood });
  await ask("tea");
  mood.fails = unavailable();
  await clock.advance(61_500);
  let headers: Metadata | undefined;
  assert.equal(
    await ask("tea", "default", undefined, (got) => {
      headers = got;
    }),
    "tea for default/nobody 1",
  );
  assert.deepEqual([headers?.get("x-sampan-stale"), headers?.get("age")], ["61", "61"]);
  assert.equal(await ask("rice"), Code.Unavailable, "another request has no answer");
  await clock.advance(600_000);
  assert.equal(await ask("tea"), Code.Unavailable);
  assert.deepEqual(reported, ["answered-stale"]);
});

test("answers never cross tenants, nor users unless they are public", async () => {
  const own = await withFallback({ lastGood });
  await own.ask("tea", "a", "ann");
  own.mood.fails = unavailable();
  assert.equal(await own.ask("tea", "a", "ann"), "tea for a/ann 1");
  assert.equal(await own.ask("tea", "a", "bob"), Code.Unavailable);
  assert.equal(await own.ask("tea", "a"), Code.Unavailable);
  assert.equal(await own.ask("tea", "b", "ann"), Code.Unavailable);
  const open = await withFallback({ lastGood: { ...lastGood, public: true } });
  await open.ask("tea", "a", "ann");
  open.mood.fails = unavailable();
  assert.equal(await open.ask("tea", "a", "bob"), "tea for a/ann 1");
  assert.equal(await open.ask("tea", "b", "bob"), Code.Unavailable);
  open.guard.reload({ lastGood }, "enforce");
  assert.equal(await open.ask("tea", "a", "bob"), Code.Unavailable, "what was public is not found by users");
});

test("answers go by the fields that the rule names, and are not renewed before their time", async () => {
  const { client, mood, clock } = await withFallback({ lastGood: { ...lastGood, fields: ["text"], refreshMs: 1000 } });
  const ask = async (number: bigint) => (await client().unary({ text: "tea", number })).text;
  await ask(1n);
  await clock.advance(999);
  await ask(2n);
  mood.fails = unavailable();
  assert.equal(await ask(3n), "tea for default/nobody 1");
  mood.fails = undefined;
  await clock.advance(1);
  await ask(4n);
  mood.fails = unavailable();
  assert.equal(await ask(5n), "tea for default/nobody 4");
});

test("nothing is kept of a method that is not idempotent", async () => {
  const { ask, mood, guard } = await withFallback({ lastGood }, { idempotent: false });
  await ask("tea");
  mood.fails = unavailable();
  assert.equal(await ask("tea"), Code.Unavailable);
  assert.equal(guard.state().kept, 0);
});

function brokerThat(publish: (messages: readonly BrokerMessage[]) => Promise<void>): Broker {
  return { publish } as Partial<Broker> as Broker;
}

test("a refused call is enqueued with what its worker needs, and answered as accepted", async () => {
  const published: BrokerMessage[] = [];
  const broker = brokerThat(async (messages) => void published.push(...messages));
  const policy = { enqueue: { topic: "order.create", answer: { text: "accepted" } } };
  const { ask, mood, reported } = await withFallback(policy, { broker });
  mood.fails = unavailable();
  assert.equal(await ask("tea", "acme", "ann"), "accepted");
  const [message] = published as [BrokerMessage];
  assert.equal(message.topic, "order.create");
  assert.equal(message.key, "acme/ann");
  assert.equal((decodeMessage(EchoRequestSchema, message.payload) as unknown as { text: string }).text, "tea");
  const { method, tenant, user } = message.headers;
  assert.deepEqual({ method, tenant, user }, { method: unary.path, tenant: "acme", user: "ann" });
  mood.fails = new RpcError(Code.DeadlineExceeded, "perhaps it was done");
  assert.equal(await ask("tea"), Code.DeadlineExceeded);
  assert.deepEqual(reported, ["enqueued"]);
});

test("when the broker fails too, the first error stands", async () => {
  const broker = brokerThat(() => Promise.reject(new Error("full")));
  const policy = { enqueue: { topic: "order.create", answer: {} } };
  const { ask, mood, reported } = await withFallback(policy, { broker });
  mood.fails = unavailable();
  assert.equal(await ask("tea"), Code.Unavailable);
  assert.deepEqual(reported, ["fallback-failed"]);
});

test("another method answers", async () => {
  const findMethod = (path: string): Method | undefined => (path === relay.path ? relay : undefined);
  const { ask, mood, reported } = await withFallback({ method: "sampan.test.v1.RelayService/Relay" }, { findMethod });
  mood.fails = unavailable();
  // Nobody serves it here, so that it was called shows in the report.
  assert.equal(await ask("tea"), Code.Unavailable);
  assert.deepEqual(reported, ["fallback-failed"]);
});

test("in shadow errors stay as they are and are counted", async () => {
  const { ask, mood, reported } = await withFallback({ answer: { text: "later" } }, { enforcement: "shadow" });
  mood.fails = unavailable();
  assert.equal(await ask("a"), Code.Unavailable);
  assert.deepEqual(reported, ["would-be-answered-fixed"]);
});

test("a call that has run out of time is not answered", async () => {
  const { mood, client, clock, reported } = await withFallback({ answer: { text: "later" } });
  mood.fails = undefined;
  const hanging = clientWith(
    [guardFor(fallbackKind().make, { answer: { text: "later" } } as FallbackPolicy, clock).layer],
    { unary: () => new Promise(() => {}) },
    clock,
  );
  const call = (await hanging).client(100).unary({});
  const failed = assert.rejects(call, (error: RpcError) => error.code === Code.DeadlineExceeded);
  await clock.advance(100);
  await failed;
  void client;
  assert.deepEqual(reported, []);
});

test("what does not fit a method is said when the rule is loaded", () => {
  const misfit = (policy: FallbackPolicy, method = idempotent, ports: FallbackPorts = {}): string =>
    fallbackMisfit(policy, method, ports) ?? "";
  assert.equal(misfit({ answer: { text: "later", number: "5" } }), "");
  assert.match(misfit({ answer: { texts: "later" } }), /EchoResponse.*texts/);
  assert.match(misfit({ answer: { number: "x" } }), /number/);
  assert.match(misfit({ answer: {} }, produce), /stream/);
  assert.equal(misfit({ lastGood: { ...lastGood, fields: ["text"] } }), "");
  assert.match(misfit({ lastGood }, unary), /not idempotent/);
  assert.match(misfit({ lastGood: { ...lastGood, fields: ["nothing"] } }), /no field nothing/);
  assert.match(misfit({ enqueue: { topic: "t", answer: {} } }), /broker/);
  assert.match(misfit({ enqueue: { topic: "t", answer: { a: 1 } } }, unary, { broker: {} as Broker }), /answer/);
  assert.match(misfit({ method: "x.v1.S/M" }), /no method \/x\.v1\.S\/M/);
  assert.equal(misfit({ method: "sampan.test.v1.RelayService/Relay" }, unary, { findMethod: () => relay }), "");
  assert.match(misfit({ method: "sampan.test.v1.EchoService/Unary" }, unary, { findMethod: () => unary }), /itself/);
  assert.match(
    misfit({ method: "sampan.test.v1.EchoService/Produce" }, unary, { findMethod: () => produce }),
    /stream/,
  );
});

test("a word that is no status is a problem of the rule", () => {
  assert.deepEqual(fallbackSection.check?.({ on: ["unavailable", "BREAKER_OPEN"] }, {}), []);
  assert.deepEqual(
    fallbackSection.check?.({ on: ["unavailable", "gone"] }, {}).map(({ path }) => path),
    [["on", 1]],
  );
});
