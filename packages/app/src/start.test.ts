import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "@sampan/testkit";
import type { Needs } from "./dependency.js";
import { alone, echo, gate, noSettings, noted } from "./echo.fixture.js";
import { AppErrors } from "./errors.js";
import type { State } from "./lifecycle.js";
import { run } from "./run.js";
import { type Parts, service } from "./service.js";

const order = (parts: Parts | (() => Parts | Promise<Parts>), needs: Needs = {}) =>
  service({ name: "order", settings: noSettings, needs, build: () => (typeof parts === "function" ? parts() : parts) });

/** Work and doors that write down what happens to them. */
const work = (name: string, notes: string[], start: () => Promise<void> | void = () => {}) => ({
  async start() {
    notes.push(`start ${name}`);
    await start();
  },
  async stop() {
    notes.push(`stop ${name}`);
  },
});
const door = (name: string, notes: string[], listen: () => void = () => {}) => ({
  name,
  async listen() {
    listen();
    notes.push(`open ${name}`);
    return {
      url: `http://${name}`,
      drain: async () => void notes.push(`drain ${name}`),
      close: async () => void notes.push(`close ${name}`),
    };
  },
});
const fail = () => {
  throw new Error("no");
};

test("dependencies, services, listeners, work and doors start in this order, and stop from the outside in", async () => {
  const notes: string[] = [];
  const states: State[] = [];
  const module = (name: string) =>
    service({
      name,
      settings: noSettings,
      needs: { store: noted("store", notes, { lifetime: "service" }) },
      build: () => {
        notes.push(`build ${name}`);
        return { runs: [work(`relay of ${name}`, notes)], edges: [door(`${name}-door`, notes)] };
      },
    });
  const process = await run([module("a"), module("b")], { ...alone(), onState: (state) => states.push(state) });
  assert.equal(process.state, "ready");
  assert.deepEqual(notes.splice(0), [
    "open store of a",
    "build a",
    "open store of b",
    "build b",
    "start relay of a",
    "start relay of b",
    "open a-door",
    "open b-door",
  ]);
  assert.deepEqual(
    [...process.addresses],
    [
      ["a-door", "http://a-door"],
      ["b-door", "http://b-door"],
    ],
  );
  await process.stop();
  assert.deepEqual(notes, [
    "drain a-door",
    "drain b-door",
    "close a-door",
    "close b-door",
    "stop relay of a",
    "stop relay of b",
    "close store of b",
    "close store of a",
  ]);
  assert.deepEqual(states, ["ready", "draining", "stopped"]);
});

for (const [what, parts, message, notes] of [
  ["a build that fails", (_: string[]) => fail(), "service order did not start: no", []],
  [
    "work that fails to start",
    (notes: string[]) => ({ runs: [work("a", notes), work("b", notes, fail), work("c", notes)] }),
    "work 2 of order did not start: no",
    // One that failed half-way is stopped too; one that was not started is not.
    ["start a", "start b", "stop a", "stop b"],
  ],
  [
    "a door that does not open",
    (notes: string[]) => ({ runs: [work("a", notes)], edges: [door("x", notes), door("y", notes, fail)] }),
    "edge y of order did not start: no",
    ["start a", "open x", "drain x", "close x", "stop a"],
  ],
] as const) {
  test(`${what} is named, and everything that was opened is closed`, async () => {
    const seen: string[] = [];
    const states: State[] = [];
    const starting = run(
      order(() => parts(seen), { store: noted("store", seen) }),
      {
        ...alone(),
        onState: (state) => states.push(state),
      },
    );
    await assert.rejects(starting, (error: Error) => AppErrors.START_FAILED.is(error) && error.message === message);
    assert.deepEqual(seen, ["open store", ...notes, "close store"]);
    assert.deepEqual(states, ["draining", "stopped"]);
  });
}

test("an interrupted start waits for the step in work, begins no other, and closes what it opened", async () => {
  const notes: string[] = [];
  const built = gate();
  const interruption = new AbortController();
  const slow = order(
    async () => {
      notes.push("build");
      await built.opened;
      return { runs: [work("a", notes)] };
    },
    { store: noted("store", notes) },
  );
  const starting = run(slow, { ...alone(), signal: interruption.signal });
  await new Promise(setImmediate);
  interruption.abort();
  await new Promise(setImmediate);
  assert.deepEqual(notes, ["open store", "build"]);
  built.open();
  await assert.rejects(starting, /interrupted at work 1 of order/);
  assert.deepEqual(notes, ["open store", "build", "close store"]);
});

test("a step that hangs holds an interrupted start no longer than the drain timeout", async () => {
  const notes: string[] = [];
  const clock = createFakeClock();
  const interruption = new AbortController();
  const stuck = order(() => new Promise<Parts>(() => {}), { store: noted("store", notes) });
  const starting = run(stuck, { ...alone({ process: { drainTimeout: "3s" } }), clock, signal: interruption.signal });
  const ended = assert.rejects(starting, (error) => AppErrors.START_INTERRUPTED.is(error));
  await clock.advance(60_000);
  interruption.abort();
  await clock.advance(2_999);
  assert.deepEqual(notes, ["open store"]);
  await clock.advance(1);
  await ended;
  assert.deepEqual(notes, ["open store", "close store"]);
});

test("a signal that was aborted before stops the start at its first step", async () => {
  const notes: string[] = [];
  const module = order({}, { store: noted("store", notes) });
  await assert.rejects(run(module, { ...alone(), signal: AbortSignal.abort() }), /interrupted at dependency store/);
  assert.deepEqual(notes, []);
});

test("an aborted signal stops a process that runs, which lets go of it when it stops otherwise", async () => {
  const interruption = new AbortController();
  const first = await run(order({}), { ...alone(), signal: interruption.signal });
  await first.stop();
  const second = await run(order({}), { ...alone(), signal: interruption.signal });
  interruption.abort();
  await second.stopped;
});

test("one service runs alone, and reaches the others where it is told", async () => {
  const targets: string[] = [];
  const listening: string[] = [];
  let closed = 0;
  const transport = {
    listen: async (dispatcher: { services: readonly { desc: { typeName: string } }[] }) => {
      listening.push(...dispatcher.services.map(({ desc }) => desc.typeName));
      return { address: "x", drain: async () => {}, close: async () => {} };
    },
    connect: (target: string) => {
      targets.push(target);
      return { invoke: () => Promise.resolve({ text: "from afar" }), close: async () => {} };
    },
    close: async () => void closed++,
  };
  const process = await run(order({ serves: [echo()] }), {
    ...alone(),
    transport,
    targetOf: (service) => `dns:${service}`,
  });
  const { EchoService } = await import("@sampan/testkit");
  const answer = await process.runtime("order").run({ name: "t" }, (call) => call.to(EchoService).unary({}));
  assert.equal(answer.text, "from afar");
  assert.deepEqual([listening, targets], [["sampan.test.v1.EchoService"], ["dns:sampan.test.v1.EchoService"]]);
  await process.stop();
  assert.equal(closed, 1);
});

test("a service finds the address of an edge when it has opened", async () => {
  let addressOf: (edge: string) => string | undefined = () => "";
  const module = service({
    name: "order",
    settings: noSettings,
    needs: {
      standin: {
        name: "standin",
        lifetime: "process",
        open: ({ announce }) => {
          announce("standin", "http://standin");
          return { value: 0 };
        },
      },
    },
    build: (context) => {
      addressOf = context.addressOf;
      assert.deepEqual([addressOf("door"), addressOf("standin")], [undefined, "http://standin"]);
      return { edges: [door("door", [])] };
    },
  });
  const process = await run(module, alone());
  assert.equal(addressOf("door"), "http://door");
  assert.deepEqual([...process.addresses.keys()], ["standin", "door"]);
  await process.stop();
});
