import assert from "node:assert/strict";
import { test } from "node:test";
import { seededRandom } from "../seeded-random.js";
import { collect, gate, play, until } from "./stage.js";
import type { TransportFactory } from "./subject.js";

/** Many calls at once. That nothing is left of them is checked when the play ends. */
export function load(factory: TransportFactory): void {
  test("1,000 unary calls at once, all in work together", () => {
    const open = gate();
    let inWork = 0;
    const cast = {
      echo: {
        unary: async ({ number }: { number: bigint }) => {
          inWork++;
          await open.opened;
          return { number };
        },
      },
    };
    return play(factory, cast, async ({ echo, servers }) => {
      const answers = Array.from({ length: 1000 }, (_, i) => echo.unary({ number: BigInt(i) }));
      await until(() => inWork === 1000);
      assert.equal(servers.echo.dispatcher.inFlight, 1000);
      open.open();
      const numbers = (await Promise.all(answers)).map(({ number }) => Number(number));
      assert.deepEqual(
        numbers,
        Array.from({ length: 1000 }, (_, i) => i),
      );
    });
  });

  test("500 streams at once, some read to the end, some left early", () =>
    play(factory, {}, async ({ echo }) => {
      const random = seededRandom(7);
      const read = async (length: number, until: number): Promise<void> => {
        let seen = 0;
        for await (const { number } of echo.produce({ number: BigInt(length) })) {
          assert.equal(number, BigInt(seen++));
          if (seen === until) break;
        }
        assert.equal(seen, Math.min(length, until));
      };
      await Promise.all(
        Array.from({ length: 500 }, () => read(Math.floor(random() * 30), 1 + Math.floor(random() * 30))),
      );
    }));

  test("300 calls through two hops, a third of them over their deadline", () => {
    const cast = {
      echo: {
        unary: async ({ number }: { number: bigint }) => {
          if (number % 3n === 0n) await late.opened;
          return { number };
        },
      },
    };
    const late = gate();
    return play(factory, cast, async ({ relay, clock, quiet }) => {
      const calls = Array.from({ length: 300 }, (_, i) => relay.relay({ number: BigInt(i) }, { timeoutMs: 100 + i }));
      let done = 0;
      for (const call of calls) call.finally(() => done++).catch(() => {});
      await until(() => done === 200);
      await quiet();
      await clock.advance(1000);
      const results = await Promise.allSettled(calls);
      assert.equal(results.filter(({ status }) => status === "rejected").length, 100);
      late.open();
    });
  });

  test("a long stream arrives whole", () =>
    play(factory, {}, async ({ echo }) => {
      const messages = await collect(echo.produce({ number: 5000n, text: "x" }));
      assert.equal(messages.length, 5000);
      assert.equal(messages.at(-1)?.number, 4999n);
    }));
}
