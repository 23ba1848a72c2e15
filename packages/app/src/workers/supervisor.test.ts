import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silentLogger } from "@sampan/core";
import { createFakeClock, settled } from "@sampan/testkit";
import { AppErrors } from "../errors.js";
import type { WorkerEvents } from "./forked-worker.js";
import type { FromWorker, ToWorker } from "./messages.js";
import { Supervisor } from "./supervisor.js";

interface FakeWorker {
  readonly place: number;
  readonly sent: ToWorker[];
  killed: boolean;
  say(message: FromWorker): void;
  ready(): void;
  end(clean: boolean): void;
}

const noAddresses = { addresses: {} };

/** A supervisor whose workers do what the test says, on a clock that stands still. */
function supervised(workers: number, maxFailedStarts = 2) {
  const clock = createFakeClock();
  const forked: FakeWorker[] = [];
  const notes: string[] = [];
  const supervisor = new Supervisor({
    workers,
    maxFailedStarts,
    clock,
    logger: silentLogger,
    fork(place, { onMessage, onEnd }: WorkerEvents) {
      const worker: FakeWorker = {
        place,
        sent: [],
        killed: false,
        say: onMessage,
        ready() {
          onMessage({ kind: "state", state: "starting", ...noAddresses });
          onMessage({ kind: "state", state: "ready", addresses: { door: `http://${place}` } });
        },
        end: (clean) => onEnd({ clean, why: clean ? "exit status 0" : "exit status 1" }),
      };
      forked.push(worker);
      const kill = (): void => {
        worker.killed = true;
        onEnd({ clean: false, why: "ended by SIGKILL" });
      };
      return { id: forked.length, pid: forked.length, send: (message) => void worker.sent.push(message), kill };
    },
    onChange: ({ place, id, addresses }, state) => notes.push(`${place}/${id} ${state} ${addresses.door ?? ""}`),
    onFigures: ({ id }, body) => notes.push(`${id} ${body}`),
    onGiveUp: (error) => notes.push(error.message),
  });
  const at = (index: number): FakeWorker => forked[index] as FakeWorker;
  return { clock, supervisor, forked, at, notes };
}

describe("the supervisor of workers", () => {
  it("has started when all workers are ready", async () => {
    const { supervisor, at, notes } = supervised(2);
    let started = false;
    const starting = supervisor.start().then(() => {
      started = true;
    });
    at(0).ready();
    await settled();
    assert.equal(started, false);
    at(1).ready();
    await starting;
    assert.deepEqual(notes, ["1/1 ready http://1", "2/2 ready http://2"]);
  });

  it("replaces a worker that ended, in its place, after the wait", async () => {
    const { clock, supervisor, forked, at } = supervised(2);
    const starting = supervisor.start();
    at(0).ready();
    at(1).ready();
    await starting;
    at(1).end(false);
    assert.equal(supervisor.ready, 1);
    await clock.advance(99);
    assert.equal(forked.length, 2);
    await clock.advance(1);
    assert.deepEqual([forked.length, at(2).place], [3, 2]);
    at(2).ready();
    assert.equal(supervisor.ready, 2);
  });

  it("does not start with a worker that ends again and again, and says what it said", async () => {
    const { clock, supervisor, forked, at } = supervised(1);
    const starting = supervisor.start();
    const rejected = assert.rejects(starting, (error: Error) => {
      assert.ok(AppErrors.START_FAILED.is(error));
      assert.match(error.message, /worker 1 did not start: it ended 2 times in a row, the last time: no roof/);
      return true;
    });
    at(0).end(false);
    await clock.advance(100);
    at(1).say({ kind: "failed", why: "no roof" });
    at(1).end(false);
    await rejected;
    await clock.advance(60_000);
    assert.equal(forked.length, 2);
  });

  it("gives up after the start when a worker cannot be replaced", async () => {
    const { clock, supervisor, at, notes } = supervised(1);
    const starting = supervisor.start();
    at(0).ready();
    await starting;
    at(0).end(false);
    await clock.advance(100);
    at(1).end(false);
    await clock.advance(200);
    at(2).end(false);
    assert.match(notes.at(-1) ?? "", /worker 1 did not start: it ended 2 times in a row, the last time: exit status 1/);
  });

  it("tells all to stop, also one that begins to listen only then, and waits for the last", async () => {
    const { supervisor, at } = supervised(2);
    supervisor.start().catch(() => {});
    at(0).ready();
    const stopped = supervisor.stop(10_000);
    at(1).say({ kind: "state", state: "starting", ...noAddresses });
    assert.deepEqual(at(0).sent, [{ kind: "stop" }]);
    assert.deepEqual(at(1).sent.at(-1), { kind: "stop" });
    at(0).end(true);
    at(1).end(true);
    assert.deepEqual(await stopped, []);
  });

  it("kills what has not ended in time, and tells of it, and of what did not end well", async () => {
    const { clock, supervisor, at } = supervised(3);
    supervisor.start().catch(() => {});
    for (const index of [0, 1, 2]) at(index).ready();
    const stopped = supervisor.stop(10_000);
    at(0).end(true);
    at(1).end(false);
    await clock.advance(9_999);
    assert.equal(at(2).killed, false);
    await clock.advance(1);
    assert.equal(at(2).killed, true);
    const messages = (await stopped).map(({ message }) => message);
    assert.deepEqual(messages.slice(0, 2), [
      "worker 2 did not close: exit status 1",
      "worker 3 did not close within 10000 ms",
    ]);
  });

  it("replaces nobody once it stops, also one whose wait had begun", async () => {
    const { clock, supervisor, forked, at } = supervised(2);
    supervisor.start().catch(() => {});
    at(0).ready();
    at(1).ready();
    at(0).end(false);
    const stopped = supervisor.stop(10_000);
    at(1).end(true);
    await stopped;
    await clock.advance(60_000);
    assert.equal(forked.length, 2);
  });

  it("asks every worker that listens, and gives up on one that is late, too large or gone", async () => {
    const { clock, supervisor, at } = supervised(4);
    supervisor.start().catch(() => {});
    for (const index of [0, 1, 2]) at(index).ready();
    const asked = supervisor.ask("metrics", "", 1_000);
    at(0).say({ kind: "answer", id: 1, status: 200, body: "[]" });
    at(1).say({ kind: "answer", id: 1, status: 200 });
    await clock.advance(999);
    let settledNow = false;
    void asked.then(() => {
      settledNow = true;
    });
    await settled();
    assert.equal(settledNow, false);
    await clock.advance(1);
    const answers = await asked;
    assert.deepEqual(
      answers.map(({ worker, answer }) => [worker.place, answer]),
      [
        [1, { status: 200, body: "[]" }],
        [2, undefined],
        [3, undefined],
      ],
    );
    // Late; and one that ends while it is asked is not waited for.
    at(2).say({ kind: "answer", id: 1, status: 200, body: "late" });
    const again = supervisor.ask("traces", "limit=1", 1_000);
    for (const index of [0, 1]) at(index).say({ kind: "answer", id: 2, status: 200, body: "{}" });
    assert.deepEqual(at(2).sent.at(-1), { kind: "ask", id: 2, subject: "traces", query: "limit=1" });
    at(2).end(false);
    assert.equal((await again)[2]?.answer, undefined);
  });

  it("fails a start that is interrupted", async () => {
    const { supervisor } = supervised(1);
    const starting = supervisor.start();
    supervisor.interrupt();
    await assert.rejects(starting, /the start was interrupted at the workers/);
  });
});
