import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { RpcError } from "@sampan/core";
import { EngineErrors, refusedStatus } from "../errors.js";
import { Endpoints } from "./endpoints.js";
import { HttpClient, type HttpClientOptions } from "./http-client.js";

async function serving(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { address, close };
}

const client = (endpoints: readonly string[], options: Partial<HttpClientOptions> = {}) =>
  new HttpClient({ engine: "test", endpoints, timeoutMs: 2000, ...options });
const get = { method: "GET", path: "/" } as const;

async function gone(): Promise<string> {
  const server = await serving(() => {});
  await server.close();
  return server.address;
}

describe("http client", () => {
  it("leaves a server that is gone, hangs or cannot serve for the next, and stays there", async () => {
    const asked: string[] = [];
    const hanging = await serving(() => asked.push("hanging"));
    const sick = await serving((_, response) => {
      asked.push("sick");
      response.writeHead(503).end("no leader");
    });
    const well = await serving((_, response) => {
      asked.push("well");
      response.end("fine");
    });
    const made = client([await gone(), hanging.address, sick.address, well.address], { timeoutMs: 100 });
    assert.equal((await made.request(get)).body, "fine");
    assert.equal((await made.request(get)).body, "fine");
    assert.deepEqual(asked, ["hanging", "sick", "well", "well"]);
    made.close();
    await Promise.all([hanging.close(), sick.close(), well.close()]);
  });

  it("says what failed last when none can serve", async () => {
    const sick = await serving((_, response) => response.writeHead(503).end("no leader"));
    const first = client([await gone()]);
    await assert.rejects(first.request(get), (error) => EngineErrors.UNREACHABLE.is(error));
    const second = client([await gone(), sick.address]);
    await assert.rejects(second.request(get), (error) => refusedStatus(error) === 503);
    first.close();
    second.close();
    await sick.close();
  });

  it("takes an answer up to its limit and no further, and does not ask the next for it", async () => {
    let asked = 0;
    const server = await serving((request, response) => {
      asked++;
      response.end("x".repeat(request.url === "/fits" ? 1000 : 1001));
    });
    const made = client([server.address, server.address], { maxAnswerBytes: 1000 });
    assert.equal((await made.request({ ...get, path: "/fits" })).body.length, 1000);
    await assert.rejects(made.request(get), (error) => EngineErrors.TOO_LARGE.is(error));
    assert.equal(asked, 2);
    made.close();
    await server.close();
  });

  it("a stream's line may be as long as an answer, and lines are put together from pieces", async () => {
    const server = await serving((_, response) => {
      response.write("杭州".slice(0, 1));
      response.write(Buffer.from("州\nse").subarray(0, 2));
      response.write(Buffer.from("州\nse").subarray(2));
      response.write("cond\n\n");
      response.end(`${"x".repeat(1000)}\n${"y".repeat(1001)}`);
    });
    const made = client([server.address], { maxAnswerBytes: 1000 });
    const lines: string[] = [];
    await assert.rejects(
      async () => {
        for await (const line of await made.stream(get)) lines.push(line);
      },
      (error) => EngineErrors.TOO_LARGE.is(error),
    );
    assert.deepEqual(lines, ["杭州", "second", "x".repeat(1000)]);
    made.close();
    await server.close();
  });

  it("a signal ends a request, a stream and the wait for either with its own reason", async () => {
    const server = await serving((request, response) => {
      if (request.url === "/stream") response.write("one\n");
    });
    const made = client([server.address, server.address]);
    const why = new Error("enough");
    const abort = new AbortController();
    const asking = made.request({ ...get, signal: abort.signal });
    const stream = await made.stream({ ...get, path: "/stream", signal: abort.signal });
    abort.abort(why);
    await assert.rejects(asking, why);
    await assert.rejects(async () => {
      for await (const _ of stream);
    });
    await assert.rejects(made.request({ ...get, signal: abort.signal }), why);
    made.close();
    await server.close();
  });

  it("close ends what is under way, and a closed client asks nobody", async () => {
    const server = await serving(() => {});
    const made = client([server.address]);
    const asking = assert.rejects(made.request(get), /the client was closed/);
    await new Promise((resolve) => setImmediate(resolve));
    made.close();
    await asking;
    await assert.rejects(made.request(get), /closed/);
    await server.close();
  });

  it("refuses addresses that are none", () => {
    const refused = (error: unknown) => error instanceof RpcError && error.reason === "BAD_OPTION";
    for (const bad of [[], ["localhost:2379"], ["ftp://a"], ["http://u:p@a"], ["nonsense"]])
      assert.throws(() => new Endpoints("test", bad), refused, JSON.stringify(bad));
  });

  it("of many requests that fail at the same server, one moves on", () => {
    const endpoints = new Endpoints("test", ["http://a", "http://b", "http://c"]);
    const failed = endpoints.current;
    endpoints.moveFrom(failed);
    endpoints.moveFrom(failed);
    assert.equal(endpoints.current.host, "b");
  });
});
