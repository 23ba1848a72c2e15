import assert from "node:assert/strict";
import { test } from "node:test";
import { type Call, Code, CoreErrors, Dispatcher, implement, Runtime } from "@sampan/core";
import { AbsentService } from "../gen/sampan/test/v1/echo_pb.js";
import { echoing } from "./echo.js";
import { collect, failureOf, gate, play, until } from "./stage.js";
import type { TransportFactory } from "./subject.js";

/** What is not there, and servers that go away. */
export function lifecycle(factory: TransportFactory): void {
  test("a service that nobody serves is Unimplemented", () =>
    play(factory, {}, async ({ root }) => {
      const absent = root().to(AbsentService);
      const error = await failureOf(absent.unary({}));
      assert.equal(error.code, Code.Unimplemented);
      assert.equal((await failureOf(collect(absent.produce({})))).code, Code.Unimplemented);
    }));

  test("a method that the server does not know is Unimplemented", () =>
    play(factory, {}, async ({ subject, runtimes }) => {
      const older = implement(AbsentService, { unary: () => ({ text: "known" }), produce: echoing.produce });
      const known = [...older.handlers].filter(([method]) => method.name === "Unary");
      const dispatcher = new Dispatcher(runtimes.echo, [{ desc: AbsentService, handlers: new Map(known) }]);
      const listener = await subject.server.listen(dispatcher);
      const channel = subject.client.connect(listener.address);
      const { clock } = runtimes.client;
      const caller = new Runtime({ name: "caller", connect: () => channel, clock }).root({ name: "test" });
      const client = caller.to(AbsentService);
      assert.equal((await client.unary({})).text, "known");
      assert.equal((await failureOf(collect(client.produce({})))).code, Code.Unimplemented);
      caller.settle();
      await channel.close();
      await listener.close();
    }));

  test("draining: calls in work finish, new ones are Unavailable", () => {
    const finish = gate();
    let working = false;
    const cast = {
      echo: {
        unary: async () => {
          working = true;
          await finish.opened;
          return { text: "finished" };
        },
      },
    };
    return play(factory, cast, async ({ echo, servers, quiet }) => {
      const answer = echo.unary({});
      await until(() => working);
      let drained = false;
      const drain = servers.echo.listener.drain().then(() => {
        drained = true;
      });
      await quiet();
      assert.equal(drained, false);
      assert.equal((await failureOf(echo.unary({}))).code, Code.Unavailable);
      assert.equal((await failureOf(collect(echo.produce({ number: 1n })))).code, Code.Unavailable);
      finish.open();
      assert.equal((await answer).text, "finished");
      await drain;
    });
  });

  test("draining with nothing in work is done at once", () =>
    play(factory, {}, async ({ echo, servers }) => {
      await echo.unary({});
      await servers.echo.listener.drain();
      assert.equal((await failureOf(echo.unary({}))).code, Code.Unavailable);
    }));

  test("close: calls in work fail with Unavailable and their handlers are aborted; later ones are Unavailable", () => {
    const hang = gate();
    const inWork: Call[] = [];
    const cast = {
      echo: {
        unary: async (_: unknown, call: Call) => {
          inWork.push(call);
          await hang.opened;
          return {};
        },
        async *produce(_: unknown, call: Call) {
          inWork.push(call);
          yield {};
          await hang.opened;
        },
      },
    };
    return play(factory, cast, async ({ echo, servers }) => {
      const unary = failureOf(echo.unary({}));
      const stream = echo.produce({});
      await stream.next();
      const pull = failureOf(stream.next() as Promise<unknown>);
      await until(() => inWork.length === 2);
      await servers.echo.listener.close();
      assert.equal((await unary).code, Code.Unavailable);
      assert.equal((await pull).code, Code.Unavailable);
      assert.ok(inWork.every((call) => call.aborted));
      assert.equal((await failureOf(echo.unary({}))).code, Code.Unavailable);
      hang.open();
    });
  });

  test("closing twice does no harm", () =>
    play(factory, {}, async ({ servers }) => {
      await servers.echo.listener.close();
      await servers.echo.listener.close();
      await servers.echo.listener.drain();
    }));

  test("a layer on the server sees every call, with its method and its end", () => {
    const seen: string[] = [];
    const cast = {
      serverLayers: [
        (next: (request: unknown, call: Call) => unknown) => (request: unknown, call: Call) => {
          call.onSettle((error) => seen.push(`${call.method?.name} ${error?.code ?? Code.OK}`));
          return next(request, call);
        },
      ],
      echo: {
        collect: async () => {
          throw CoreErrors.UNAVAILABLE({ service: "stock", why: "it is a test" });
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      await echo.unary({});
      await collect(echo.produce({ number: 2n }));
      await failureOf(echo.collect({ async *[Symbol.asyncIterator]() {} }));
      await until(() => seen.length === 3);
      assert.deepEqual(seen, ["Unary 0", "Produce 0", `Collect ${Code.Unavailable}`]);
    });
  });
}
