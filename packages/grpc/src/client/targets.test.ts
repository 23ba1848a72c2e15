import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { EchoService } from "@sampan/testkit";
import { caller, serveEcho } from "../testing.fixture.js";

const portOf = (address: string): string => address.slice(address.lastIndexOf(":") + 1);

for (const [kind, listenAt, targetOf] of [
  ["ipv4", "127.0.0.1:0", (port: string) => `ipv4:127.0.0.1:${port}`],
  ["ipv6", "[::1]:0", (port: string) => `ipv6:[::1]:${port}`],
  ["dns", "127.0.0.1:0", (port: string) => `dns:///localhost:${port}`],
  ["a bare name", "127.0.0.1:0", (port: string) => `localhost:${port}`],
] as const) {
  test(`a call by ${kind} arrives, and the server sees where from`, async (t) => {
    let from = "";
    const handlers = {
      unary: (_: unknown, call: { peer: { address: string } }) => ({ text: (from = call.peer.address) }),
    };
    const { address } = await serveEcho(t, { address: listenAt }, handlers);
    assert.equal(address, kind === "ipv6" ? `ipv6:[::1]:${portOf(address)}` : `ipv4:127.0.0.1:${portOf(address)}`);
    const { root } = caller(t, targetOf(portOf(address)));
    await root.to(EchoService).unary({});
    assert.match(from, kind === "ipv6" ? /^ipv6:\[::1\]:\d+$/ : /^ipv4:127\.0\.0\.1:\d+$/);
  });
}

test("a call by unix arrives, with two slashes before the path or without", async (t) => {
  const path = `/tmp/sampan-grpc-targets-${process.pid}.sock`;
  t.after(() => rmSync(path, { force: true }));
  await serveEcho(t, { address: `unix:${path}` });
  for (const target of [`unix:${path}`, `unix://${path}`]) {
    const { root } = caller(t, target);
    assert.equal((await root.to(EchoService).unary({ text: "local" })).text, "local");
  }
});
