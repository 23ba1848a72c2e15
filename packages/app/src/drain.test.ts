import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call, RpcError } from "@sampan/core";
import { createFakeClock, EchoService, settled } from "@sampan/testkit";
import { alone, echo, gate, noSettings } from "./echo.fixture.js";
import { type RunningProcess, run } from "./run.js";
import { type OpenEdge, type Parts, type Runnable, service } from "./service.js";

/** A process on a clock that stands still, with a drain timeout of ten seconds. */
async function running(parts: Parts, lines: string[] = []) {
  const clock = createFakeClock();
  const order = service({ name: "order", settings: noSettings, needs: {}, build: () => parts });
  const process = await run(order, { ...alone({ process: { drainTimeout: "10s" } }, lines), clock });
  return { clock, process, lines };
}

function call(process: RunningProcess): Promise<string> {
  const root = { name: "test", timeoutMs: 60_000 };
  return process.runtime("order").run(root, async (call) => (await call.to(EchoService).unary({ text: "tea" })).text);
}

test("a drain finishes the calls in hand and refuses new ones", async () => {
  const answered = gate();
  const { process, lines } = await running({ serves: [echo(({ text }) => answered.opened.then(() => ({ text })))] });
  const inHand = call(process);
  await settled();
  const stopped = process.stop();
  await settled();
  assert.equal(process.state, "draining");
  await assert.rejects(call(process), /shutting down and takes no new calls/);
  answered.open();
  assert.equal(await inHand, "tea");
  await stopped;
  assert.equal(process.state, "stopped");
  assert.ok(!lines.some((line) => line.includes("drain timeout is over")));
});

test("a second stop is the first one", async () => {
  const { process } = await running({});
  const first = process.stop();
  assert.equal(process.stop(), first);
  await first;
  assert.equal(process.stop(), first);
  await process.stopped;
});

test("calls that take longer than the drain timeout are aborted", async () => {
  const serving: Call[] = [];
  const { clock, process, lines } = await running({
    serves: [
      echo((_, call) => {
        serving.push(call);
        return new Promise(() => {});
      }),
    ],
  });
  const inHand = call(process);
  const failed = assert.rejects(inHand, /shutting down/);
  await settled();
  const stopped = process.stop();
  await clock.advance(9_999);
  assert.equal(serving[0]?.aborted, false);
  await clock.advance(1);
  await failed;
  assert.equal(serving[0]?.aborted, true);
  await stopped;
  assert.ok(lines.some((line) => line.includes("drain timeout is over") && line.includes("calls in hand")));
});

test("an edge has the whole drain timeout for its requests and is closed when it is over; work then leaves off at once", async () => {
  const notes: string[] = [];
  const edge: OpenEdge = {
    url: "http://door",
    drain: () => new Promise(() => {}),
    close: async () => void notes.push("close door"),
  };
  const relay: Runnable = {
    start() {},
    async stop(graceMs) {
      notes.push(`stop relay in ${graceMs}`);
    },
  };
  const { clock, process } = await running({
    runs: [relay],
    edges: [{ name: "door", listen: () => Promise.resolve(edge) }],
  });
  const stopped = process.stop();
  await clock.advance(9_999);
  assert.deepEqual(notes, []);
  await clock.advance(1);
  await stopped;
  assert.deepEqual(notes, ["close door", "stop relay in 0"]);
});

test("work gets what is left of the drain timeout, and a moment to leave off after it", async () => {
  const answered = gate();
  const graces: number[] = [];
  const clockOf: { clock?: ReturnType<typeof createFakeClock> } = {};
  const saga: Runnable = {
    start() {},
    stop(graceMs) {
      graces.push(graceMs);
      // Aborts at the end of its grace, and needs 200 ms to write that down.
      return new Promise((resolve) => void clockOf.clock?.timer(graceMs + 200, resolve));
    },
  };
  const edge: OpenEdge = { url: "http://door", drain: () => answered.opened, close: async () => {} };
  const { clock, process, lines } = await running({
    runs: [saga],
    edges: [{ name: "door", listen: () => Promise.resolve(edge) }],
  });
  clockOf.clock = clock;
  const stopped = process.stop();
  await clock.advance(4_000);
  answered.open();
  await settled();
  assert.deepEqual(graces, [6_000]);
  await clock.advance(6_200);
  await stopped;
  assert.ok(!lines.some((line) => line.includes("drain timeout is over")));
});

test("nothing that hangs keeps the process from stopping, and each such thing is named", async () => {
  const hang = () => new Promise<void>(() => {});
  const store = { name: "store", lifetime: "process", open: () => ({ value: 0, close: hang }) } as const;
  let closed = false;
  const other = {
    name: "other",
    lifetime: "process",
    open: () => ({
      value: 0,
      close: () => {
        closed = true;
      },
    }),
  } as const;
  const order = service({
    name: "order",
    settings: noSettings,
    needs: { other, store },
    build: () => ({
      runs: [{ start() {}, stop: hang }],
      edges: [{ name: "door", listen: async () => ({ url: "x", drain: hang, close: hang }) }],
    }),
  });
  const clock = createFakeClock();
  const process = await run(order, { ...alone({ process: { drainTimeout: "10s" } }), clock });
  const stopped = assert.rejects(process.stop(), (error: AggregateError) => {
    assert.deepEqual(
      error.errors.map((each: RpcError) => each.message),
      ["edge door of order did not close within 5000 ms", "store did not close within 5000 ms"],
    );
    return true;
  });
  // Ten to drain, five for the edge, one for the work to leave off, five for the store.
  await clock.advance(21_000);
  await stopped;
  assert.equal(closed, true);
  assert.equal(process.state, "stopped");
});

test("a part that fails to drain is closed all the same, and the stop rejects with why", async () => {
  let closed = false;
  const edge: OpenEdge = {
    url: "x",
    drain: () => Promise.reject(new Error("no")),
    close: async () => {
      closed = true;
    },
  };
  const { process } = await running({ edges: [{ name: "door", listen: () => Promise.resolve(edge) }] });
  await assert.rejects(process.stop(), (error: AggregateError) =>
    /edge door of order did not close: no/.test(error.errors[0]),
  );
  assert.equal(closed, true);
});

test("without a drain timeout everything is aborted at once", async () => {
  const order = service({
    name: "order",
    settings: noSettings,
    needs: {},
    build: () => ({ serves: [echo(() => new Promise(() => {}))] }),
  });
  const process = await run(order, alone({ process: { drainTimeout: "0s" } }));
  const inHand = assert.rejects(call(process), /shutting down/);
  await settled();
  await process.stop();
  await inHand;
});
