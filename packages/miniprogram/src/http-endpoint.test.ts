import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { type Clock, CoreErrors, Runtime, systemClock } from "@sampan/core";
import { createFakeClock } from "@sampan/testkit";
import { MiniProgramErrors } from "./errors.js";
import { HttpEndpoint, type HttpExchange } from "./http-endpoint.js";
import { standinConfiguration } from "./standin/index.js";
import { rejectsWith, startWorld } from "./standin/world.fixture.js";
import { wechatProvider } from "./wechat/provider.js";

/** A port of loopback where nobody listens. */
const nowhere = "http://127.0.0.1:1";

/** A host that takes requests and never answers; `arrived` resolves with the first. */
async function startSilent(t: TestContext): Promise<{ url: string; arrived: Promise<void> }> {
  let arrive = (): void => {};
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  return { url: await listen(t, () => arrive()), arrived };
}

async function listen(t: TestContext, handle: RequestListener): Promise<string> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => void server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function endpointAt(t: TestContext, url: string, clock: Clock): HttpEndpoint {
  const endpoint = new HttpEndpoint({ url, maxSockets: 1, timeoutMs: 5_000, clock });
  t.after(() => endpoint.close());
  return endpoint;
}

const get: HttpExchange = { method: "GET", path: "/", repeatable: true };

test("a call that is aborted stops waiting at once, with the call's error", async (t) => {
  const silent = await startSilent(t);
  const clock = createFakeClock();
  const endpoint = endpointAt(t, silent.url, clock);
  const call = new Runtime({ name: "test", connect: () => assert.fail(), clock }).root({ name: "test" });
  const refused = rejectsWith(endpoint.send(get, call), CoreErrors.CANCELLED);
  await silent.arrived;
  call.abort();
  await refused;
  await rejectsWith(endpoint.send(get, call), CoreErrors.CANCELLED);
});

test("a call's deadline ends the exchange", async (t) => {
  const silent = await startSilent(t);
  const clock = createFakeClock();
  const call = new Runtime({ name: "test", connect: () => assert.fail(), clock }).root({
    name: "test",
    timeoutMs: 100,
  });
  const refused = rejectsWith(endpointAt(t, silent.url, clock).send(get, call), CoreErrors.DEADLINE_EXCEEDED);
  await silent.arrived;
  await clock.advance(104);
  await refused;
});

test("one exchange has a limit of its own, below the call's", async (t) => {
  const silent = await startSilent(t);
  const clock = createFakeClock();
  const refused = rejectsWith(endpointAt(t, silent.url, clock).send(get), MiniProgramErrors.PLATFORM_NO_ANSWER);
  await silent.arrived;
  await clock.advance(5_000);
  await refused;
});

test("nobody there means that nothing was sent", async (t) => {
  const world = await startWorld(t, { configuration: { apiUrl: nowhere } });
  await rejectsWith(world.provider.login("code", world.call()), MiniProgramErrors.PLATFORM_UNREACHABLE);
});

test("a connection that breaks leaves the outcome open", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  await world.control("faults", { kind: "drop-after", times: 2 });
  await rejectsWith(world.pay.close(order.outTradeNo, world.call()), MiniProgramErrors.PLATFORM_NO_ANSWER);
  assert.equal((await world.pay.query(order.outTradeNo, world.call())).state, "closed");
});

test("a kept connection that died is replaced for what may be repeated", async (t) => {
  const world = await startWorld(t);
  const order = await world.order();
  await world.control("faults", { kind: "drop" });
  assert.equal((await world.pay.query(order.outTradeNo, world.call())).state, "unpaid");
});

test("a login code is not sent twice", async (t) => {
  const world = await startWorld(t);
  const codes = [await world.control("login-codes", {}, 201), await world.control("login-codes", {}, 201)];
  await world.provider.login(String(codes[0]?.code), world.call());
  await world.control("faults", { kind: "drop" });
  const login = world.provider.login(String(codes[1]?.code), world.call());
  await rejectsWith(login, MiniProgramErrors.PLATFORM_NO_ANSWER);
});

test("the backup host is asked when the first cannot be reached", async (t) => {
  const world = await startWorld(t);
  const configuration = standinConfiguration(world.keys, world.standin.url);
  const pay = { ...configuration.pay, urls: [nowhere, world.standin.url] };
  const provider = wechatProvider({ ...configuration, pay }, { clock: world.clock });
  t.after(() => provider.close());
  const query = provider.pay?.query("never-was", world.call()) ?? assert.fail();
  await rejectsWith(query, MiniProgramErrors.PAY_NOT_FOUND);
});

test("an endless answer is cut off", async (t) => {
  const url = await listen(t, (_, response) => {
    const write = (): void => {
      if (!response.destroyed) response.write(Buffer.alloc(1 << 16), () => setImmediate(write));
    };
    write();
  });
  await rejectsWith(endpointAt(t, url, systemClock).send(get), MiniProgramErrors.PLATFORM_NO_ANSWER);
});
