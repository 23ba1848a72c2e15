import assert from "node:assert/strict";
import { test } from "node:test";
import { type Call, Code } from "@sampan/core";
import { EchoService, RelayService } from "../gen/sampan/test/v1/echo_pb.js";
import { failureOf, gate, play, until } from "./stage.js";
import type { TransportFactory } from "./subject.js";

/** Callers that stop, and how soon the other side knows. */
export function cancelling(factory: TransportFactory): void {
  test("abort: the caller is free at once, the handler hears it, its answer is dropped", () => {
    const hang = gate();
    let server: Call | undefined;
    const cast = {
      echo: {
        unary: async (_: unknown, call: Call) => {
          server = call;
          await hang.opened;
          return { text: "too late" };
        },
      },
    };
    return play(factory, cast, async ({ root }) => {
      const caller = root();
      const result = failureOf(caller.to(EchoService).unary({}));
      await until(() => server !== undefined);
      const signal = server?.signal;
      caller.abort();
      assert.equal((await result).code, Code.Canceled);
      await until(() => server?.aborted === true);
      assert.equal(signal?.aborted, true);
      assert.equal(signal?.reason, server?.error);
      hang.open();
    });
  });

  test("abort before the call has started: the handler is not reached", () => {
    let reached = false;
    const cast = {
      echo: {
        unary: () => {
          reached = true;
          return {};
        },
      },
    };
    return play(factory, cast, async ({ root, quiet }) => {
      const caller = root();
      const client = caller.to(EchoService);
      caller.abort();
      assert.equal((await failureOf(client.unary({}))).code, Code.Canceled);
      assert.equal((await failureOf(client.produce({}).next() as Promise<unknown>)).code, Code.Canceled);
      await quiet();
      assert.equal(reached, false);
    });
  });

  test("abort after the call has ended changes nothing", () =>
    play(factory, {}, async ({ root }) => {
      const caller = root();
      const answer = caller.to(EchoService).unary({ text: "done" });
      assert.equal((await answer).text, "done");
      caller.abort();
      assert.equal((await answer).text, "done");
    }));

  test("abort reaches the second hop", () => {
    const hang = gate();
    let far: Call | undefined;
    const cast = {
      echo: {
        unary: async (_: unknown, call: Call) => {
          far = call;
          await hang.opened;
          return {};
        },
      },
    };
    return play(factory, cast, async ({ root }) => {
      const caller = root();
      const result = failureOf(caller.to(RelayService).relay({}));
      await until(() => far !== undefined);
      caller.abort();
      assert.equal((await result).code, Code.Canceled);
      await until(() => far?.aborted === true);
      hang.open();
    });
  });

  test("a reader that breaks off ends the handler's generator", () => {
    let server: Call | undefined;
    let closed = false;
    const cast = {
      echo: {
        async *produce(_: unknown, call: Call) {
          server = call;
          try {
            for (let i = 0n; ; i++) yield { number: i };
          } finally {
            closed = true;
          }
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      let read = 0;
      for await (const _ of echo.produce({})) if (++read === 3) break;
      await until(() => closed && server?.aborted === true);
      assert.equal(server?.error?.code, Code.Canceled);
    });
  });

  test("return() on a stream that nobody has read from", () => {
    const started: Call[] = [];
    const cast = {
      echo: {
        async *produce(_: unknown, call: Call) {
          started.push(call);
          yield {};
          yield {};
        },
      },
    };
    return play(factory, cast, async ({ echo, quiet }) => {
      const stream = echo.produce({});
      await quiet();
      assert.deepEqual(await stream.return?.(), { done: true, value: undefined });
      assert.equal((await stream.next()).done, true);
      // A network may have taken both messages before: then the call ended well.
      await until(() => started.every((call) => call.settled));
    });
  });

  test("a handler that never yields does not hold its reader, who may return or be aborted", () => {
    const hang = gate();
    const servers: Call[] = [];
    const cast = {
      echo: {
        // biome-ignore lint/correctness/useYield: that is the point
        async *produce(_: unknown, call: Call) {
          servers.push(call);
          await hang.opened;
        },
      },
    };
    return play(factory, cast, async ({ root }) => {
      const caller = root();
      const client = caller.to(EchoService);
      const returned = client.produce({});
      const pull = failureOf(returned.next() as Promise<unknown>);
      await until(() => servers.length === 1);
      await returned.return?.();
      assert.equal((await pull).code, Code.Canceled);

      const aborted = failureOf(client.produce({}).next() as Promise<unknown>);
      await until(() => servers.length === 2);
      caller.abort();
      assert.equal((await aborted).code, Code.Canceled);
      await until(() => servers.every((call) => call.aborted));
      hang.open();
    });
  });

  test("a handler that waits for requests is freed, and the caller's request stream returned", () => {
    const seen: string[] = [];
    const cast = {
      echo: {
        async *chat(requests: AsyncIterable<{ text: string }>, call: Call) {
          try {
            for await (const { text } of requests) yield { text };
          } catch (thrown) {
            seen.push(`handler ${thrown === call.error}`);
            throw thrown;
          } finally {
            seen.push("handler closed");
          }
        },
      },
    };
    return play(factory, cast, async ({ root, quiet }) => {
      const caller = root();
      const never = gate();
      async function* requests(): AsyncGenerator<{ text: string }> {
        try {
          yield { text: "one" };
          await never.opened;
          yield { text: "two" };
        } finally {
          seen.push("requests returned");
        }
      }
      const stream = caller.to(EchoService).chat(requests());
      assert.equal((await stream.next()).value?.text, "one");
      const pull = failureOf(stream.next() as Promise<unknown>);
      await quiet();
      caller.abort();
      assert.equal((await pull).code, Code.Canceled);
      await until(() => seen.includes("handler closed"));
      // A generator that waits for something of its own can only be returned when that has come.
      never.open();
      await until(() => seen.includes("requests returned"));
      assert.ok(seen.includes("handler true"), seen.join());
    });
  });
}
