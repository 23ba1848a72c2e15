import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, gate, play, until } from "./stage.js";
import type { TransportFactory, TransportTraits } from "./subject.js";

const messageBytes = 16 * 1024;
const body = new Uint8Array(messageBytes);

/** A fast sender waits for a slow reader. */
export function backPressure(factory: TransportFactory, traits: TransportTraits): void {
  // One that is made, one on its way, and what fits into the buffers.
  const ahead = 2 + Math.ceil((traits.bufferBytes ?? 0) / messageBytes);
  const plenty = BigInt(ahead * 4 + 50);

  test(`server stream: at most ${ahead} messages ahead`, () => {
    let made = 0;
    const cast = {
      echo: {
        async *produce({ number }: { number: bigint }) {
          for (let i = 0n; i < number; i++) {
            made++;
            yield { number: i, body };
          }
        },
      },
    };
    return play(factory, cast, async ({ echo, quiet }) => {
      const stream = echo.produce({ number: plenty });
      let read = 0;
      for (; read < 5; read++) {
        assert.equal((await stream.next()).value?.number, BigInt(read));
        await quiet();
        assert.ok(made <= read + 1 + ahead, `${made} made when ${read + 1} were read`);
      }
      const rest = await collect(stream);
      assert.equal(rest.length, Number(plenty) - read);
    });
  });

  test(`client stream: at most ${ahead} messages ahead`, () => {
    let made = 0;
    let read = 0;
    const readOn = gate();
    const cast = {
      echo: {
        async collect(requests: AsyncIterable<{ number: bigint }>) {
          for await (const { number } of requests) {
            assert.equal(number, BigInt(read++));
            if (read === 3) await readOn.opened;
          }
          return { number: BigInt(read) };
        },
      },
    };
    async function* requests(): AsyncGenerator<{ number: bigint; body: Uint8Array }> {
      for (let i = 0n; i < plenty; i++) {
        made++;
        yield { number: i, body };
      }
    }
    return play(factory, cast, async ({ echo, quiet }) => {
      const answer = echo.collect(requests());
      await until(() => read === 3);
      await quiet();
      assert.ok(made <= 3 + ahead, `${made} made when 3 were read`);
      readOn.open();
      assert.equal((await answer).number, plenty);
      assert.equal(made, Number(plenty));
    });
  });

  test("bidi: a reader that pauses stops both directions", () => {
    let made = 0;
    async function* requests(): AsyncGenerator<{ number: bigint; body: Uint8Array }> {
      for (let i = 0n; i < plenty * 2n; i++) {
        made++;
        yield { number: i, body };
      }
    }
    return play(factory, {}, async ({ echo, quiet }) => {
      const stream = echo.chat(requests());
      await stream.next();
      await quiet();
      // Buffers of both directions, and one message in the handler's hand.
      assert.ok(made <= 2 + 2 * ahead, `${made} made when 1 was read`);
      assert.equal((await collect(stream)).length, Number(plenty) * 2 - 1);
    });
  });

  test("a stream that nobody reads does not hold up other calls", () =>
    play(factory, {}, async ({ echo, quiet }) => {
      const stuck = echo.produce({ body, number: plenty });
      await stuck.next();
      await quiet();
      assert.equal((await echo.unary({ text: "past" })).text, "past");
      assert.equal((await collect(echo.produce({ body, number: plenty }))).length, Number(plenty));
      await stuck.return?.();
    }));
}
