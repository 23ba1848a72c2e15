import assert from "node:assert/strict";
import { test } from "node:test";
import { collect, play } from "./stage.js";
import type { TransportFactory } from "./subject.js";

/** The four call kinds when all goes well. */
export function kinds(factory: TransportFactory): void {
  test("unary: one message there, one back", () =>
    play(factory, {}, async ({ echo }) => {
      const answer = await echo.unary({ text: "茶 🍵", number: -7n, body: Uint8Array.of(0, 255) });
      assert.equal(answer.$typeName, "sampan.test.v1.EchoResponse");
      assert.equal(answer.text, "茶 🍵");
      assert.equal(answer.number, -7n);
      assert.deepEqual([...answer.body], [0, 255]);
    }));

  test("client stream: all messages in order, one answer", () =>
    play(factory, {}, async ({ echo }) => {
      const answer = await echo.collect(texts("a", "b", "c"));
      assert.equal(answer.text, "a b c");
      assert.equal(answer.number, 3n);
    }));

  test("server stream: all messages in order", () =>
    play(factory, {}, async ({ echo }) => {
      const answers = await collect(echo.produce({ text: "x", number: 200n }));
      assert.deepEqual(
        answers.map(({ number }) => number),
        Array.from({ length: 200 }, (_, i) => BigInt(i)),
      );
      assert.ok(answers.every(({ text }) => text === "x"));
    }));

  test("bidi: answers while requests still come", () =>
    play(factory, {}, async ({ echo }) => {
      const answers = await collect(echo.chat(texts("a", "b", "c")));
      assert.deepEqual(
        answers.map(({ text }) => text),
        ["a", "b", "c"],
      );
    }));

  test("empty messages and empty streams", () =>
    play(factory, {}, async ({ echo }) => {
      assert.equal((await echo.unary({})).text, "");
      assert.equal((await echo.collect(texts())).number, 0n);
      assert.deepEqual(await collect(echo.produce({ number: 0n })), []);
      assert.deepEqual(await collect(echo.chat(texts())), []);
      assert.equal((await collect(echo.chat(texts("", "")))).length, 2);
    }));

  test("an iterator that has ended stays ended", () =>
    play(factory, {}, async ({ echo }) => {
      const stream = echo.produce({ number: 1n });
      assert.equal((await stream.next()).done, false);
      for (let i = 0; i < 3; i++) assert.deepEqual(await stream.next(), { done: true, value: undefined });
      await stream.return?.();
    }));

  test("pulls that overlap are answered one after the other", () =>
    play(factory, {}, async ({ echo }) => {
      const stream = echo.produce({ number: 5n });
      const pulls = Array.from({ length: 4 }, () => stream.next());
      const first = await pulls[0];
      const fifth = stream.next();
      const last = stream.next();
      const results = [first, ...(await Promise.all(pulls.slice(1))), await fifth];
      assert.deepEqual(
        results.map((result) => result?.value?.number),
        [0n, 1n, 2n, 3n, 4n],
      );
      assert.equal((await last).done, true);
    }));

  test("a handler may answer at once, without a promise", () =>
    play(factory, { echo: { unary: () => ({ text: "now" }) } }, async ({ echo }) => {
      assert.equal((await echo.unary({})).text, "now");
    }));

  test("two hops", () =>
    play(factory, {}, async ({ relay }) => {
      assert.equal((await relay.relay({ text: "far" })).text, "far");
      assert.equal((await collect(relay.relayStream({ number: 3n }))).length, 3);
    }));

  test("streams of many kinds at once keep apart", () =>
    play(factory, {}, async ({ echo }) => {
      const names = Array.from({ length: 20 }, (_, i) => `call-${i}`);
      const results = await Promise.all(names.map((text) => collect(echo.produce({ text, number: 20n }))));
      results.forEach((messages, i) => {
        assert.equal(messages.length, 20);
        assert.ok(messages.every(({ text }) => text === names[i]));
      });
    }));
}

/** A request stream with one message for each text. */
export async function* texts(...list: readonly string[]): AsyncGenerator<{ text: string }> {
  for (const text of list) yield { text };
}
