import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { RpcError } from "@sampan/core";
import { EngineErrors } from "@sampan/engines";
import { contractInstance, createFakeClock, type LogLine, logTo } from "@sampan/testkit";
import type { LeaseBackend } from "./lease-port.js";
import { LeaseRegistrar } from "./lease-registrar.js";

/** A registry that does as the test says, and writes down what it was asked. */
function opened(times = { ttlMs: 9000 }) {
  const clock = createFakeClock();
  const asked: string[] = [];
  const lines: LogLine[] = [];
  const state = { fail: undefined as Error | undefined, lost: false };
  const ask = (what: string) => async () => {
    asked.push(what);
    if (state.fail !== undefined) throw state.fail;
  };
  const backend: LeaseBackend = {
    registry: "test",
    refusal: ({ instance }) => (instance.zone === "nowhere" ? "there is no such zone" : undefined),
    open: () => ({
      take: (announcement) => ask(`take ${announcement.instance.health}`)(),
      renew: () => ask("renew")().then(() => !state.lost),
      replace: (announcement) => ask(`replace ${announcement.instance.health}`)().then(() => !state.lost),
      drop: ask("drop"),
    }),
    close: () => asked.push("close"),
  };
  const registrar = new LeaseRegistrar(backend, { times, clock, random: () => 1, logger: logTo(lines) });
  return { clock, asked, lines, state, registrar };
}

describe("a kept lease", () => {
  it("is renewed, and dropped at the end", async () => {
    const { clock, asked, registrar } = opened();
    const registration = await registrar.register("order", contractInstance(1));
    await clock.advance(6000);
    assert.deepEqual(asked, ["take up", "renew", "renew"]);
    await registration.close();
    await registrar.close();
    assert.deepEqual(asked, ["take up", "renew", "renew", "drop", "close"]);
    assert.equal(clock.pending, 0);
  });

  it("a registry that is away at first is waited for; what it refuses for good is told", async () => {
    const { clock, asked, state, registrar, lines } = opened();
    state.fail = EngineErrors.UNREACHABLE({ engine: "test", address: "a:1", why: "refused" });
    const registering = registrar.register("order", contractInstance(1));
    await clock.advance(1000);
    assert.equal(asked.length, 3);
    state.fail = undefined;
    await clock.advance(1000);
    await registering;
    state.fail = EngineErrors.REFUSED({ engine: "test", status: "403", why: "no permission" });
    const refused = (error: unknown) => error instanceof RpcError && /no permission/.test(error.message);
    const refusing = assert.rejects(registrar.register("order", contractInstance(2)), refused);
    await clock.advance(0);
    await refusing;
    assert.equal(lines.filter(({ level }) => level === "warn").length, 2, "each failure is logged when it begins");
  });

  it("one that is lost is taken anew with what was announced last", async () => {
    const { clock, asked, state, registrar } = opened();
    const registration = await registrar.register("order", contractInstance(1));
    await registration.update({ health: "down" });
    state.lost = true;
    await clock.advance(3000);
    state.lost = false;
    assert.deepEqual(asked.slice(0, 4), ["take up", "replace down", "renew", "take down"]);
  });

  it("an overloaded loop is announced, but hides nothing worse, and its end too", async () => {
    const { clock, asked, registrar } = opened();
    const registration = await registrar.register("order", contractInstance(1));
    registrar.overloaded(true);
    registrar.overloaded(true);
    await clock.advance(0);
    await registration.update({ health: "down" });
    await registration.update({ health: "up" });
    registrar.overloaded(false);
    await clock.advance(0);
    assert.deepEqual(asked, ["take up", "replace overloaded", "replace down", "replace overloaded", "replace up"]);
  });

  it("an instance that this registry has no place for is refused", async () => {
    const { asked, registrar } = opened();
    await assert.rejects(registrar.register("order", contractInstance(1, { zone: "nowhere" })), /no such zone/);
    assert.deepEqual(asked, []);
  });
});
