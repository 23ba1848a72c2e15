import assert from "node:assert/strict";
import { test } from "node:test";
import { type Call, Code, CoreErrors, RpcError } from "@sampan/core";
import { EchoService } from "../gen/sampan/test/v1/echo_pb.js";
import { collect, failureOf, gate, play, until } from "./stage.js";
import type { TransportFactory } from "./subject.js";

/** Calls and those that they start. */
export function callTree(factory: TransportFactory): void {
  test("a call below one that has settled is refused", () => {
    let relay: Call | undefined;
    const cast = {
      relay: {
        relay: (_: unknown, call: Call) => {
          relay = call;
          return {};
        },
      },
    };
    return play(factory, cast, async (stage) => {
      await stage.relay.relay({});
      const client = (relay as Call).to(EchoService);
      assert.ok(CoreErrors.CANCELLED.is(await failureOf(client.unary({}))));
      assert.ok(CoreErrors.CANCELLED.is(await failureOf(collect(client.produce({ number: 1n })))));
    });
  });

  test("what a handler started and did not await is cancelled when it settles, and ends no process", () => {
    const hang = gate();
    const started: Call[] = [];
    const cast = {
      relay: {
        relay: async (_: unknown, call: Call) => {
          const echo = call.to(EchoService);
          void echo.unary({ text: "hang" });
          void echo.unary({ text: "fail" });
          void echo.produce({}).next();
          await until(() => started.length === 3);
          return { text: "answered" };
        },
      },
      echo: {
        unary: async ({ text }: { text: string }, call: Call) => {
          started.push(call);
          if (text === "fail") throw new RpcError(Code.Aborted, "nobody hears this");
          await hang.opened;
          return {};
        },
        async *produce(_: unknown, call: Call) {
          started.push(call);
          yield {};
        },
      },
    };
    return play(factory, cast, async ({ relay }) => {
      assert.equal((await relay.relay({})).text, "answered");
      await until(() => started.every((call) => call.settled));
      hang.open();
    });
  });

  test("hold() refuses calls to others until it is let go", () => {
    const seen: unknown[] = [];
    const cast = {
      relay: {
        relay: async (request: object, call: Call) => {
          const letGo = call.hold("an open transaction");
          seen.push(await failureOf(call.to(EchoService).unary(request)));
          letGo();
          letGo();
          return call.to(EchoService).unary(request);
        },
      },
    };
    return play(factory, cast, async ({ relay }) => {
      assert.equal((await relay.relay({ text: "after" })).text, "after");
      assert.ok(CoreErrors.CALL_IN_TRANSACTION.is(seen[0]));
      assert.match(String(seen[0]), /an open transaction/);
    });
  });

  test("a handler may call many at once", () => {
    const cast = {
      relay: {
        relay: async (_: unknown, call: Call) => {
          const echo = call.to(EchoService);
          const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => echo.unary({ number: BigInt(i) })));
          return { number: answers.reduce((sum, { number }) => sum + number, 0n) };
        },
      },
    };
    return play(factory, cast, async ({ relay }) => {
      assert.equal((await relay.relay({})).number, 190n);
    });
  });

  test("a failed call leaves its siblings and its parent alone", () => {
    const cast = {
      relay: {
        relay: async (_: unknown, call: Call) => {
          const echo = call.to(EchoService);
          const bad = failureOf(echo.unary({ text: "bad" }));
          const good = echo.unary({ text: "good" });
          assert.equal((await bad).code, Code.NotFound);
          return good;
        },
      },
      echo: {
        unary: ({ text }: { text: string }) => {
          if (text === "bad") throw new RpcError(Code.NotFound, "bad");
          return { text };
        },
      },
    };
    return play(factory, cast, async ({ relay }) => {
      assert.equal((await relay.relay({})).text, "good");
    });
  });

  test("a stream's calls live as long as the stream", () => {
    const cast = {
      relay: {
        async *relayStream(_: unknown, call: Call) {
          const echo = call.to(EchoService);
          for (let i = 0; i < 3; i++) yield await echo.unary({ number: BigInt(i) });
        },
      },
    };
    return play(factory, cast, async ({ relay }) => {
      assert.equal((await collect(relay.relayStream({}))).length, 3);
    });
  });
}
