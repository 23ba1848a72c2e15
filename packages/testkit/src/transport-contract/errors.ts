import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, CoreErrors, codeName, defineErrors, detail, Metadata, RpcError } from "@sampan/core";
import { EchoRequestSchema, EchoResponseSchema } from "../gen/sampan/test/v1/echo_pb.js";
import { texts } from "./kinds.js";
import { collect, failureOf, gate, play } from "./stage.js";
import type { TransportFactory } from "./subject.js";

const codes = Object.values(Code).filter((code) => code !== Code.OK);
const secret = "password=hunter2";

const ContractErrors = defineErrors("transport-contract", {
  SOLD_OUT: { code: Code.FailedPrecondition, message: "no {thing} left", fix: "nothing: it is a test" },
});

/** How calls fail, and what of it crosses. */
export function errors(factory: TransportFactory): void {
  test("every code arrives with its message, from a unary call and from a stream", () => {
    const fail = (text: string): RpcError => new RpcError(Number(text) as Code, `说明 “${text}” 🍵\nline two\t100%`);
    const cast = {
      echo: {
        unary: ({ text }: { text: string }) => {
          throw fail(text);
        },
        // biome-ignore lint/correctness/useYield: it fails before its first message
        async *produce({ text }: { text: string }) {
          throw fail(text);
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      for (const code of codes) {
        const text = String(code);
        for (const result of [echo.unary({ text }), collect(echo.produce({ text }))]) {
          const error = await failureOf(result);
          assert.equal(codeName(error.code), codeName(code));
          assert.equal(error.message, fail(text).message);
          assert.deepEqual(error.details, []);
        }
      }
    });
  });

  test("details arrive with their types and in their order, an empty message stays empty", () => {
    const request = create(EchoRequestSchema, { text: "细节", body: Uint8Array.of(1, 0, 255) });
    const response = create(EchoResponseSchema, { number: 1n << 60n });
    const details = [detail(EchoRequestSchema, request), detail(EchoResponseSchema, response)];
    const cast = {
      echo: {
        unary: () => {
          throw new RpcError(Code.Aborted, "", { details });
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      const error = await failureOf(echo.unary({}));
      assert.equal(error.message, "");
      assert.equal(error.details.length, 2);
      assert.deepEqual(error.findDetail(EchoRequestSchema), request);
      assert.deepEqual(error.findDetail(EchoResponseSchema), response);
    });
  });

  test("a registered error is recognised on the other side, and two hops away", () => {
    const cast = {
      echo: {
        unary: () => {
          throw ContractErrors.SOLD_OUT({ thing: "茶" });
        },
      },
    };
    return play(factory, cast, async ({ echo, relay }) => {
      for (const result of [echo.unary({}), relay.relay({})]) {
        const error = await failureOf(result);
        assert.equal(ContractErrors.SOLD_OUT.is(error), true);
        assert.equal(CoreErrors.UNIMPLEMENTED.is(error), false);
        assert.equal(error.reason, "SOLD_OUT");
        assert.equal(error.info?.metadata.thing, "茶");
        assert.equal(error.message, "no 茶 left");
      }
    });
  });

  for (const [what, thrown] of [
    ["an Error", new Error(secret)],
    ["a string", secret],
    ["an RpcError of code OK", new RpcError(Code.OK, secret)],
  ] as const) {
    test(`${what} that a handler throws is Internal, tells nothing, and is logged`, () => {
      const cast = {
        echo: {
          unary: () => {
            throw thrown;
          },
          // biome-ignore lint/correctness/useYield: it fails before its first message
          async *produce() {
            throw thrown;
          },
        },
      };
      return play(factory, cast, async ({ echo, logged }) => {
        for (const result of [echo.unary({}), collect(echo.produce({}))]) {
          const error = await failureOf(result);
          assert.equal(error.code, Code.Internal);
          assert.ok(!`${error.message}${JSON.stringify(error.details)}${error.stack}`.includes(secret));
          assert.equal(error.cause, undefined);
        }
        assert.equal(logged.filter(({ level, fields }) => level === "error" && fields.error === thrown).length, 2);
      });
    });
  }

  test("the cause of an error stays where it happened, its details do not", () => {
    const details = [detail(EchoRequestSchema, create(EchoRequestSchema, { text: "row 7" }))];
    const cast = {
      echo: {
        unary: () => {
          throw new RpcError(Code.NotFound, "no such row", { cause: new Error(secret), details });
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      const error = await failureOf(echo.unary({}));
      assert.equal(error.code, Code.NotFound);
      assert.equal(error.cause, undefined);
      assert.equal(error.findDetail(EchoRequestSchema)?.text, "row 7");
    });
  });

  test("a handler that answers nothing is EMPTY_RESPONSE", () =>
    play(factory, { echo: { unary: () => undefined as never } }, async ({ echo }) => {
      assert.ok(CoreErrors.EMPTY_RESPONSE.is(await failureOf(echo.unary({}))));
    }));

  test("a stream that fails later gives its messages first, its error once, and then ends", () => {
    const cast = {
      echo: {
        async *produce() {
          yield { text: "one" };
          yield { text: "two" };
          throw new RpcError(Code.DataLoss, "three is gone");
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      const stream = echo.produce({});
      assert.equal((await stream.next()).value?.text, "one");
      assert.equal((await stream.next()).value?.text, "two");
      assert.equal((await failureOf(stream.next())).code, Code.DataLoss);
      assert.equal((await stream.next()).done, true);
    });
  });

  test("a handler may fail before it has read its requests, and between two of them", () => {
    const cast = {
      echo: {
        collect: async () => {
          throw new RpcError(Code.Unauthenticated, "not you");
        },
        async *chat(requests: AsyncIterable<{ text: string }>) {
          for await (const { text } of requests) {
            if (text === "bad") throw new RpcError(Code.InvalidArgument, "bad");
            yield { text };
          }
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      assert.equal((await failureOf(echo.collect(texts("a", "b")))).code, Code.Unauthenticated);
      const stream = echo.chat(texts("good", "bad", "good"));
      assert.equal((await stream.next()).value?.text, "good");
      assert.equal((await failureOf(stream.next())).code, Code.InvalidArgument);
    });
  });

  test("a caller's request stream that throws fails its call with that error, and the handler is aborted", () => {
    const aborted = gate<boolean>();
    const cast = {
      echo: {
        async collect(requests: AsyncIterable<unknown>, call: { aborted: boolean }) {
          try {
            for await (const _ of requests);
            return {};
          } finally {
            aborted.open(call.aborted);
          }
        },
      },
    };
    async function* failing(): AsyncGenerator<{ text: string }> {
      yield { text: "one" };
      throw new RpcError(Code.OutOfRange, "cannot go on");
    }
    return play(factory, cast, async ({ echo }) => {
      const error = await failureOf(echo.collect(failing()));
      assert.equal(error.code, Code.OutOfRange);
      assert.equal(error.message, "cannot go on");
      assert.equal(await aborted.opened, true);
    });
  });

  test("metadata of an error arrives in the trailers and goes no second hop", () => {
    const cast = {
      echo: {
        unary: () => {
          throw new RpcError(Code.Aborted, "again", { metadata: Metadata.of({ "retry-after": "5" }) });
        },
      },
    };
    return play(factory, cast, async ({ echo, relay }) => {
      let near: Metadata | undefined;
      let far: Metadata | undefined;
      await failureOf(echo.unary({}, { onTrailers: (trailers) => (near = trailers) }));
      const error = await failureOf(relay.relay({}, { onTrailers: (trailers) => (far = trailers) }));
      assert.equal(near?.get("retry-after"), "5");
      assert.equal(far?.has("retry-after"), false);
      assert.equal(error.code, Code.Aborted);
    });
  });
}
