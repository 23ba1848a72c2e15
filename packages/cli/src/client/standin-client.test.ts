import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { generateStandinKeys, startStandin } from "@sampan/miniprogram/standin";
import { CommandError } from "../command/command-error.js";
import { StandinClient } from "./standin-client.js";

test("a user gets codes and messages from the stand-in; what it refuses says why", async (t) => {
  const standin = await startStandin({ keys: await generateStandinKeys(), templates: { "tpl-1": ["thing1"] } });
  const client = new StandinClient(standin.url);
  t.after(async () => {
    client.close();
    await standin.close();
  });
  assert.match(await client.loginCode("o-1"), /\S{6,}/);
  assert.notEqual(await client.loginCode("o-1"), await client.loginCode("o-1"));
  await client.allowMessages("o-1", "tpl-1", 2);
  assert.deepEqual(await client.messages("o-1"), []);
  await assert.rejects(
    client.pay("no such order"),
    (error) =>
      error instanceof CommandError && /the stand-in answered 4\d\d to \/_control\/pay: \{/.test(error.message),
  );
  await assert.rejects(client.repeatCallback("no-such-order"), /the stand-in answered 4\d\d/);
});

test("the status of the callback is what the platform answered to the stand-in", async (t) => {
  const server = createServer((_, response) => response.end('{"callbackStatus":200}')).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const client = new StandinClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.after(() => {
    client.close();
    server.close();
  });
  assert.equal(await client.pay("p"), 200);
});
