import assert from "node:assert/strict";
import { test } from "node:test";
import { type Call, Code } from "@sampan/core";
import { EchoService } from "../gen/sampan/test/v1/echo_pb.js";
import { collect, failureOf, gate, play, until } from "./stage.js";
import type { TransportFactory } from "./subject.js";

/** Deadlines in whole milliseconds may be rounded once a hop, and fire up to 4 ms late. */
const slack = 10;

/** Deadlines: passed on, never extended, and kept even by those who do not look at them. */
export function deadlines(factory: TransportFactory): void {
  test("the handler sees its caller's deadline, and each hop what is left of it", () => {
    const left: Record<string, number> = {};
    const cast = {
      relay: {
        relay: async (request: object, call: Call) => {
          left.relay = call.remaining();
          await advance(1000);
          return call.to(EchoService, { timeoutMs: 60_000 }).unary(request);
        },
      },
      echo: {
        unary: (_: unknown, call: Call) => {
          left.echo = call.remaining();
          return {};
        },
      },
    };
    let advance: (ms: number) => Promise<void>;
    return play(factory, cast, async ({ relay, clock }) => {
      advance = clock.advance;
      await relay.relay({}, { timeoutMs: 5000 });
      near(left.relay, 5000);
      near(left.echo, 4000);
    });
  });

  test("a hop may shorten the deadline", () => {
    let left = 0;
    const cast = {
      relay: {
        relay: (request: object, call: Call) => call.to(EchoService).unary(request, { timeoutMs: 200 }),
      },
      echo: {
        unary: (_: unknown, call: Call) => {
          left = call.remaining();
          return {};
        },
      },
    };
    return play(factory, cast, async ({ relay }) => {
      await relay.relay({}, { timeoutMs: 5000 });
      near(left, 200);
    });
  });

  test("a handler that hangs: the caller gets DeadlineExceeded then and not before, the handler its abort", () => {
    const hang = gate();
    let server: Call | undefined;
    let heard = 0;
    const cast = {
      echo: {
        unary: async (_: unknown, call: Call) => {
          server = call;
          call.onAbort(() => heard++);
          await hang.opened;
          return {};
        },
      },
    };
    return play(factory, cast, async ({ echo, clock, quiet }) => {
      let ended = false;
      const result = failureOf(echo.unary({}, { timeoutMs: 1000 })).finally(() => {
        ended = true;
      });
      await until(() => server !== undefined);
      const signal = server?.signal;
      await clock.advance(990);
      await quiet();
      assert.equal(ended, false);
      assert.equal(server?.aborted, false);
      await clock.advance(slack + 10);
      assert.equal((await result).code, Code.DeadlineExceeded);
      await until(() => server?.aborted === true);
      assert.equal(signal?.aborted, true);
      assert.equal(heard, 1);
      hang.open();
    });
  });

  test("what the handler has called is cancelled with it", () => {
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
    return play(factory, cast, async ({ relay, clock }) => {
      const result = failureOf(relay.relay({}, { timeoutMs: 500 }));
      await until(() => far !== undefined);
      await clock.advance(500 + slack);
      assert.equal((await result).code, Code.DeadlineExceeded);
      await until(() => far?.aborted === true);
      hang.open();
    });
  });

  test("a stream ends at its deadline, between two messages and while it waits for one", () => {
    const hang = gate();
    let closed = 0;
    const cast = {
      echo: {
        async *produce() {
          try {
            yield { text: "one" };
            yield { text: "two" };
            await hang.opened;
          } finally {
            closed++;
          }
        },
      },
    };
    return play(factory, cast, async ({ echo, clock }) => {
      const paused = echo.produce({}, { timeoutMs: 1000 });
      const waiting = echo.produce({}, { timeoutMs: 1000 });
      assert.equal((await paused.next()).value?.text, "one");
      await waiting.next();
      await waiting.next();
      const third = failureOf(waiting.next());
      await clock.advance(1000 + slack);
      assert.equal((await third).code, Code.DeadlineExceeded);
      const error = await failureOf(collect(paused));
      assert.equal(error.code, Code.DeadlineExceeded);
      hang.open();
      await until(() => closed === 2);
    });
  });

  test("a handler that waits for requests is freed at the deadline", () => {
    let freed: unknown;
    const cast = {
      echo: {
        async collect(requests: AsyncIterable<unknown>) {
          try {
            for await (const _ of requests);
          } catch (thrown) {
            freed = thrown;
            throw thrown;
          }
          return {};
        },
      },
    };
    return play(factory, cast, async ({ echo, clock, quiet }) => {
      const never = gate();
      async function* requests(): AsyncGenerator<{ text: string }> {
        yield { text: "one" };
        await never.opened;
      }
      const result = failureOf(echo.collect(requests(), { timeoutMs: 300 }));
      await quiet();
      await clock.advance(300 + slack);
      assert.equal((await result).code, Code.DeadlineExceeded);
      await until(() => freed !== undefined);
      never.open();
    });
  });

  test("a call whose deadline has passed does not reach the handler", () => {
    let reached = 0;
    const cast = {
      echo: {
        unary: () => {
          reached++;
          return {};
        },
      },
    };
    return play(factory, cast, async ({ echo, root, clock, quiet }) => {
      assert.equal((await failureOf(echo.unary({}, { timeoutMs: 0 }))).code, Code.DeadlineExceeded);
      const late = root({ timeoutMs: 100 });
      await clock.advance(200);
      assert.equal((await failureOf(late.to(EchoService).unary({}))).code, Code.DeadlineExceeded);
      await quiet();
      assert.equal(reached, 0);
    });
  });
}

function near(actual: number | undefined, expected: number): void {
  assert.ok(actual !== undefined && Math.abs(actual - expected) <= slack, `${actual} is not about ${expected}`);
}
