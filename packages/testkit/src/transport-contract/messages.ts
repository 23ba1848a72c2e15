import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code, CoreErrors } from "@sampan/core";
import { EchoRequestSchema } from "../gen/sampan/test/v1/echo_pb.js";
import { type Cast, collect, failureOf, play, type Stage } from "./stage.js";
import type { TransportFactory, TransportTraits } from "./subject.js";

const limit = 64 * 1024;

/** Large messages, and those that are too large. */
export function messages(factory: TransportFactory, traits: TransportTraits): void {
  test("large messages cross whole, in every direction", () =>
    play(factory, {}, async ({ echo }) => {
      const body = new Uint8Array(1_500_000).map((_, i) => (i * 31) % 251);
      assert.deepEqual((await echo.unary({ body })).body, body);
      const answers = await collect(echo.produce({ body, number: 3n }));
      assert.ok(answers.length === 3 && answers.every((answer) => Buffer.compare(answer.body, body) === 0));
      const said = await collect(echo.chat(bodies(body, body.subarray(0, 10), body)));
      assert.deepEqual(
        said.map((answer) => answer.body.length),
        [body.length, 10, body.length],
      );
    }));

  if (traits.limitsMessages === false) return;
  const sized = (name: string, act: (stage: Stage) => Promise<void>, cast: Cast = {}): void => {
    test(name, () => play(factory, { ...cast, maxMessageBytes: limit }, act));
  };

  sized("a message as large as the limit passes, one byte more does not", async ({ echo }) => {
    const fitting = bodyOf(limit);
    assert.equal((await echo.unary({ body: fitting })).body.length, fitting.length);
    const error = await failureOf(echo.unary({ body: new Uint8Array(fitting.length + 1) }));
    assert.equal(error.code, Code.ResourceExhausted);
    assert.ok(CoreErrors.MESSAGE_TOO_LARGE.is(error), `${error}`);
    assert.equal((await echo.unary({ text: "still here" })).text, "still here");
  });

  sized(
    "a response that is too large fails the call",
    async ({ echo }) => {
      assert.equal((await failureOf(echo.unary({}))).code, Code.ResourceExhausted);
    },
    { echo: { unary: () => ({ body: new Uint8Array(limit + 1) }) } },
  );

  sized(
    "a message of a stream that is too large ends the stream behind those before it",
    async ({ echo }) => {
      const stream = echo.produce({});
      assert.equal((await stream.next()).value?.text, "fits");
      assert.equal((await failureOf(stream.next())).code, Code.ResourceExhausted);
      assert.equal((await stream.next()).done, true);
    },
    {
      echo: {
        async *produce() {
          yield { text: "fits" };
          yield { body: new Uint8Array(limit + 1) };
          yield { text: "never read" };
        },
      },
    },
  );

  sized("a request of a stream that is too large fails the call and ends the caller's stream", async ({ echo }) => {
    let returned = false;
    async function* requests(): AsyncGenerator<{ body: Uint8Array }> {
      try {
        yield { body: new Uint8Array(1) };
        yield { body: new Uint8Array(limit + 1) };
        yield { body: new Uint8Array(1) };
      } finally {
        returned = true;
      }
    }
    assert.equal((await failureOf(echo.collect(requests()))).code, Code.ResourceExhausted);
    assert.ok(returned);
  });
}

async function* bodies(...list: readonly Uint8Array[]): AsyncGenerator<{ body: Uint8Array }> {
  for (const body of list) yield { body };
}

/** A body that makes its message exactly so many bytes long. */
function bodyOf(size: number): Uint8Array {
  const around = toBinary(EchoRequestSchema, create(EchoRequestSchema, { body: new Uint8Array(size - 10) })).length;
  return new Uint8Array(size - 10 - (around - size));
}
