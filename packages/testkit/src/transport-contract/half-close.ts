import assert from "node:assert/strict";
import { test } from "node:test";
import { texts } from "./kinds.js";
import { collect, gate, play, until } from "./stage.js";
import type { TransportFactory } from "./subject.js";

type Texts = AsyncIterable<{ text: string }>;

/** Each direction of a stream ends on its own. */
export function halfClose(factory: TransportFactory): void {
  test("ping-pong: each request answers the response before it", () =>
    play(factory, {}, async ({ echo }) => {
      const answers: string[] = [];
      let next = gate<string>();
      async function* requests(): AsyncGenerator<{ text: string }> {
        for (;;) {
          const text = await next.opened;
          if (text === "") return;
          next = gate();
          yield { text };
        }
      }
      next.open("0");
      for await (const { text } of echo.chat(requests())) {
        answers.push(text);
        next.open(answers.length < 100 ? String(answers.length) : "");
      }
      assert.deepEqual(
        answers,
        Array.from({ length: 100 }, (_, i) => String(i)),
      );
    }));

  test("the handler sees the end of the requests and may go on answering", () => {
    const cast = {
      echo: {
        async *chat(requests: Texts) {
          const seen = await collect(requests);
          for (const { text } of [...seen, ...seen]) yield { text };
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      const answers = await collect(echo.chat(texts("a", "b")));
      assert.equal(answers.map(({ text }) => text).join(""), "abab");
    });
  });

  test("the handler runs before anybody reads its responses", () => {
    const heard: string[] = [];
    const cast = {
      echo: {
        async *chat(requests: Texts) {
          for await (const { text } of requests) {
            heard.push(text);
            yield { text };
          }
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      const stream = echo.chat(texts("early"));
      await until(() => heard.length === 1);
      assert.equal((await collect(stream)).length, 1);
    });
  });

  test("a handler that answers early ends the caller's request stream", () => {
    const cast = {
      echo: {
        async collect(requests: Texts) {
          for await (const { text } of requests) return { text };
          return {};
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      let returned = false;
      async function* endless(): AsyncGenerator<{ text: string }> {
        try {
          for (;;) yield { text: "first" };
        } finally {
          returned = true;
        }
      }
      assert.equal((await echo.collect(endless())).text, "first");
      await until(() => returned);
    });
  });

  test("a handler that answers without reading at all", () => {
    const cast = {
      echo: {
        collect: async () => ({ text: "no need" }),
        async *chat() {
          yield { text: "no need" };
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      const returned: string[] = [];
      const endless = (name: string): Texts => ({
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ done: false, value: { text: name } }),
          return: async () => {
            returned.push(name);
            return { done: true, value: undefined };
          },
        }),
      });
      assert.equal((await echo.collect(endless("collect"))).text, "no need");
      assert.equal((await collect(echo.chat(endless("chat")))).length, 1);
      await until(() => returned.length === 2);
      assert.deepEqual(returned.sort(), ["chat", "collect"]);
    });
  });

  test("a handler that stops reading may go on answering", () => {
    const cast = {
      echo: {
        async *chat(requests: Texts) {
          for await (const { text } of requests) {
            yield { text };
            break;
          }
          yield { text: "and more" };
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      const answers = await collect(echo.chat(texts("one", "two", "three")));
      assert.deepEqual(
        answers.map(({ text }) => text),
        ["one", "and more"],
      );
    });
  });
}
