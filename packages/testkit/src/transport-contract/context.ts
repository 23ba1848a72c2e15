import assert from "node:assert/strict";
import { test } from "node:test";
import { type Call, Metadata, traceparent } from "@sampan/core";
import { EchoService, RelayService } from "../gen/sampan/test/v1/echo_pb.js";
import { play, type Stage } from "./stage.js";
import type { TransportFactory } from "./subject.js";

/** What travels with a call, and what must not. */
export function context(factory: TransportFactory): void {
  /** Calls through the relay to the echo; what both have seen. */
  const twoHops = async (
    act: (stage: Stage) => Promise<unknown>,
    more: { baggageKeys?: Record<"client" | "relay" | "echo", string[]>; before?: (call: Call) => void } = {},
  ): Promise<{ relay: Call; echo: Call }> => {
    const seen: Partial<Record<"relay" | "echo", Call>> = {};
    const keys = more.baggageKeys;
    const cast = {
      ...(keys === undefined
        ? {}
        : {
            runtimes: {
              client: { baggageKeys: keys.client },
              relay: { baggageKeys: keys.relay },
              echo: { baggageKeys: keys.echo },
            },
          }),
      relay: {
        relay: (request: object, call: Call) => {
          seen.relay = call;
          more.before?.(call);
          return call.to(EchoService).unary(request);
        },
      },
      echo: {
        unary: (_: unknown, call: Call) => {
          seen.echo = call;
          return {};
        },
      },
    };
    await play(factory, cast, async (stage) => {
      await act(stage);
    });
    return seen as { relay: Call; echo: Call };
  };

  test("tenant and release tag go all the way; without one they are `default` and stable", async () => {
    const origin = { tenant: "tea-house", releaseTag: "canary-7", traceparent: "" };
    const tagged = await twoHops(({ root }) => root({ origin }).to(RelayService).relay({}));
    for (const call of [tagged.relay, tagged.echo]) {
      assert.equal(call.tenant, "tea-house");
      assert.equal(call.releaseTag, "canary-7");
    }
    const plain = await twoHops(({ relay }) => relay.relay({}));
    assert.equal(plain.echo.tenant, "default");
    assert.equal(plain.echo.releaseTag, "");
  });

  test("a tenant need not be ASCII", async () => {
    const origin = { tenant: "茶馆 🍵", releaseTag: "", traceparent: "" };
    const { echo } = await twoHops(({ root }) => root({ origin }).to(RelayService).relay({}));
    assert.equal(echo.tenant, "茶馆 🍵");
  });

  test("baggage goes on while each process allows its key", async () => {
    const baggageKeys = { client: ["everywhere", "near"], relay: ["everywhere"], echo: ["everywhere", "near"] };
    const seen = await twoHops(
      ({ root }) => {
        const caller = root();
        caller.setBaggage("everywhere", "说 = yes; really, 100%");
        caller.setBaggage("near", "by");
        assert.throws(() => caller.setBaggage("other", "x"), TypeError);
        return caller.to(RelayService).relay({});
      },
      { baggageKeys },
    );
    for (const call of [seen.relay, seen.echo]) {
      assert.deepEqual([...call.baggage], [["everywhere", "说 = yes; really, 100%"]]);
    }
  });

  test("trace: one trace id, each server span below the client span that caused it", async () => {
    let root: Call | undefined;
    const seen = await twoHops((stage) => {
      root = stage.root();
      return root.to(RelayService).relay({});
    });
    const traces = [root?.trace, seen.relay.trace, seen.echo.trace];
    assert.equal(new Set(traces.map((trace) => trace?.traceId)).size, 1);
    assert.equal(new Set(traces.map((trace) => trace?.spanId)).size, 3);
    // Between two servers lies the client span of the hop.
    assert.notEqual(seen.relay.trace.parentSpanId, "");
    assert.notEqual(seen.relay.trace.parentSpanId, root?.trace.spanId);
    assert.notEqual(seen.echo.trace.parentSpanId, seen.relay.trace.spanId);
    assert.match(traceparent(seen.echo.trace), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  });

  test("a root call links to the trace that caused it and starts its own", () =>
    play(factory, {}, async ({ root }) => {
      const cause = root();
      const work = root({ origin: cause.origin });
      assert.deepEqual(work.links, [traceparent(cause.trace)]);
      assert.notEqual(work.trace.traceId, cause.trace.traceId);
      await work.to(EchoService).unary({});
    }));

  test("peer: each server sees the process that called it", async () => {
    const seen = await twoHops(({ relay }) => relay.relay({}));
    assert.equal(seen.relay.peer.identity, "client");
    assert.equal(seen.echo.peer.identity, "relay");
    assert.notEqual(seen.echo.peer.address, "");
  });

  test("user: reaches the called service and no further", async () => {
    const user = { subject: "user-茶", roles: ["user", "tester"] };
    const seen = await twoHops(({ relay }) => relay.relay({}, { user }));
    assert.deepEqual(seen.relay.user, user);
    assert.equal(seen.echo.user, undefined);
    assert.throws(() => seen.echo.requireUser(), { code: 16 });
  });

  test("inbound metadata is not passed on", async () => {
    const metadata = Metadata.of({ authorization: "Bearer secret", "x-anything": "else" });
    const seen = await twoHops(({ relay }) => relay.relay({}, { metadata }));
    assert.equal(seen.relay.metadata.get("authorization"), "Bearer secret");
    assert.equal(seen.echo.metadata.has("authorization"), false);
    assert.equal(seen.echo.metadata.has("x-anything"), false);
  });
}
