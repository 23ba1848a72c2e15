import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isMessage } from "@bufbuild/protobuf";
import { EchoResponseSchema, EchoService } from "@sampan/testkit";
import type { Call } from "./call.js";
import { compose, type Handler, type Layer } from "./handler.js";
import { type Method, methods } from "./method.js";
import { implement } from "./service.js";

const functions = {
  unary: () => ({ text: "u" }),
  collect: async () => ({ text: "c" }),
  async *produce() {
    yield { text: "p" };
  },
  async *chat() {},
};
const call = {} as Call;

describe("implement", () => {
  test("refuses an object without one of the functions, and names it", () => {
    const { chat, ...rest } = functions;
    assert.throws(() => implement(EchoService, rest as never), /EchoService: the function chat is missing/);
    assert.throws(() => implement(EchoService, { ...rest, chat: "x" } as never), TypeError);
  });

  test("makes messages of plain answers and leaves messages as they are", async () => {
    const service = implement(EchoService, functions);
    const handler = (name: string): Handler =>
      [...service.handlers].find(([method]) => method.localName === name)?.[1] as Handler;
    const unary = handler("unary")({}, call);
    assert.ok(isMessage(unary, EchoResponseSchema) && unary.text === "u");
    assert.ok(isMessage(await handler("collect")({}, call), EchoResponseSchema));
    for await (const message of handler("produce")({}, call) as AsyncIterable<unknown>) {
      assert.ok(isMessage(message, EchoResponseSchema));
    }
    const same = implement(EchoService, { ...functions, unary: () => unary });
    assert.equal([...same.handlers.values()][0]?.({}, call), unary);
  });

  test("functions keep their object, so that a class may serve", async () => {
    class Echo {
      readonly #word = "mine";
      unary = functions.unary;
      produce = functions.produce;
      chat = functions.chat;
      async collect(): Promise<{ text: string }> {
        return { text: this.#word };
      }
    }
    const [, collect] = [...implement(EchoService, new Echo()).handlers.values()] as [Handler, Handler];
    assert.equal(((await collect({}, call)) as { text: string }).text, "mine");
  });

  test("methods are the same objects each time", () => {
    assert.equal(methods(EchoService), methods(EchoService));
    assert.deepEqual(
      methods(EchoService).map(({ path, kind }) => `${path} ${kind}`),
      [
        "/sampan.test.v1.EchoService/Unary unary",
        "/sampan.test.v1.EchoService/Collect client_streaming",
        "/sampan.test.v1.EchoService/Produce server_streaming",
        "/sampan.test.v1.EchoService/Chat bidi_streaming",
      ],
    );
  });
});

test("compose: the first layer is the outermost, each made once", () => {
  const seen: string[] = [];
  const layer =
    (name: string): Layer =>
    (next, { localName }) => {
      seen.push(`make ${name} for ${localName}`);
      return (request, call) => {
        seen.push(`in ${name}`);
        const answer = next(request, call);
        seen.push(`out ${name}`);
        return answer;
      };
    };
  const [method] = methods(EchoService) as [Method];
  const handler = compose([layer("a"), layer("b")], () => seen.push("handler"), method);
  handler({}, call);
  handler({}, call);
  const once = ["in a", "in b", "handler", "out b", "out a"];
  assert.deepEqual(seen, ["make b for unary", "make a for unary", ...once, ...once]);
});
