import assert from "node:assert/strict";
import { test } from "node:test";
import { type Call, Code, Metadata, RpcError } from "@sampan/core";
import { collect, failureOf, play } from "./stage.js";
import type { TransportFactory } from "./subject.js";

/** Headers and trailers, both ways. */
export function metadata(factory: TransportFactory): void {
  test("request metadata arrives: text, bytes, several values in their order", () => {
    let seen: Metadata | undefined;
    const cast = {
      echo: {
        unary: (_: unknown, call: Call) => {
          seen = call.metadata;
          return {};
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      const every = Uint8Array.from({ length: 256 }, (_, i) => i);
      const sent = Metadata.of({
        "x-text": "plain, with = and ;",
        "x-many": ["one", "two", "three"],
        "x-key-bin": [every, new Uint8Array(0)],
        "x-empty": "",
      });
      await echo.unary({}, { metadata: sent });
      assert.equal(seen?.get("x-text"), "plain, with = and ;");
      assert.deepEqual(seen?.getAll("x-many"), ["one", "two", "three"]);
      assert.deepEqual(
        seen?.getAll("x-key-bin").map((value) => [...(value as Uint8Array)]),
        [[...every], []],
      );
      assert.equal(seen?.get("x-empty"), "");
      assert.equal(sent.size, 7, "the caller's own metadata is left as it was");
    });
  });

  test("headers come once and before the first message, trailers after the last", () => {
    const cast = {
      echo: {
        unary: (_: unknown, call: Call) => answerWithMetadata(call),
        async *produce(_: unknown, call: Call) {
          yield answerWithMetadata(call);
          yield {};
          call.responseTrailers.append("x-late", "yes");
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      const seen: string[] = [];
      const options = {
        onHeaders: (headers: Metadata) => void seen.push(`headers ${headers.getAll("x-head")}`),
        onTrailers: (trailers: Metadata) =>
          void seen.push(
            `trailers ${trailers.get("x-tail")} ${trailers.getBytes("x-tail-bin")} ${trailers.get("x-late")}`,
          ),
      };
      await echo.unary({}, options);
      assert.deepEqual(seen.splice(0), ["headers a,b", "trailers end 1,2 undefined"]);
      for await (const _ of echo.produce({}, options)) seen.push("message");
      assert.deepEqual(seen, ["headers a,b", "message", "message", "trailers end 1,2 yes"]);
    });
  });

  test("trailers come with an error too, behind the messages before it", () => {
    const fail = (call: Call): RpcError => {
      call.responseTrailers.append("x-tail", "end");
      return new RpcError(Code.Aborted, "no", { metadata: Metadata.of({ "x-error": "more" }) });
    };
    const cast = {
      echo: {
        unary: (_: unknown, call: Call) => {
          throw fail(call);
        },
        async *produce(_: unknown, call: Call) {
          yield {};
          throw fail(call);
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      const seen: string[] = [];
      const options = {
        onTrailers: (trailers: Metadata) => void seen.push(`${trailers.get("x-tail")} ${trailers.get("x-error")}`),
      };
      await failureOf(echo.unary({}, options));
      await failureOf(collect(echo.produce({}, options)));
      assert.deepEqual(seen, ["end more", "end more"]);
    });
  });

  test("an empty stream has headers and trailers as well", () => {
    const cast = {
      echo: {
        // biome-ignore lint/correctness/useYield: an empty stream
        async *produce(_: unknown, call: Call) {
          answerWithMetadata(call);
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      const seen: (string | undefined)[] = [];
      const options = {
        onHeaders: (headers: Metadata) => void seen.push(headers.get("x-head")),
        onTrailers: (trailers: Metadata) => void seen.push(trailers.get("x-tail")),
      };
      assert.deepEqual(await collect(echo.produce({}, options)), []);
      assert.deepEqual(seen, ["a", "end"]);
    });
  });

  test("a call without metadata has none, and calls at once do not mix theirs", () => {
    const cast = {
      echo: {
        unary: (_: unknown, call: Call) => {
          call.responseTrailers.append("x-copy", call.metadata.get("x-id") ?? "none");
          return {};
        },
      },
    };
    return play(factory, cast, async ({ echo }) => {
      const trailersOf = async (options: { metadata?: Metadata }): Promise<string | undefined> => {
        let copy: string | undefined;
        await echo.unary({}, { ...options, onTrailers: (trailers) => (copy = trailers.get("x-copy")) });
        return copy;
      };
      const ids = Array.from({ length: 50 }, (_, i) => String(i));
      const copies = ids.map((id) => trailersOf({ metadata: Metadata.of({ "x-id": id }) }));
      assert.deepEqual(await Promise.all(copies), ids);
      assert.equal(await trailersOf({}), "none");
    });
  });
}

function answerWithMetadata(call: Call): object {
  call.responseHeaders.append("x-head", "a").append("x-head", "b");
  call.responseTrailers.append("x-tail", "end").append("x-tail-bin", Uint8Array.of(1, 2));
  return {};
}
