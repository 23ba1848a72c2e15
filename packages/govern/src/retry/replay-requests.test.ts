import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { attempt, type Call, Runtime } from "@sampan/core";
import { createFakeClock, settled } from "@sampan/testkit";
import { RetryErrors } from "./error.js";
import { ReplayRequests } from "./replay-requests.js";

function call(): Call {
  const clock = createFakeClock();
  const runtime = new Runtime({ name: "t", clock, connect: () => assert.fail() });
  return runtime.root({ name: "work" });
}

async function* numbers(upTo: number, log: { pulled: number; returned: boolean }): AsyncGenerator<number> {
  try {
    for (let i = 1; i <= upTo; i++) {
      log.pulled = i;
      yield i;
    }
  } finally {
    log.returned = true;
  }
}

function replay(upTo: number, limit: number) {
  const outer = call();
  const log = { pulled: 0, returned: false };
  return { outer, log, requests: new ReplayRequests(numbers(upTo, log), limit, outer) };
}

async function take(reader: AsyncIterable<unknown>, count: number): Promise<unknown[]> {
  const iterator = reader[Symbol.asyncIterator]();
  const taken: unknown[] = [];
  for (let i = 0; i < count; i++) {
    const result = await iterator.next();
    if (result.done === true) break;
    taken.push(result.value);
  }
  return taken;
}

describe("ReplayRequests", () => {
  test("a second try reads from the start, and goes on where the first has stopped", async () => {
    const { requests, outer, log } = replay(5, 10);
    const first = attempt(outer);
    assert.deepEqual(await take(requests.open(first), 3), [1, 2, 3]);
    assert.equal(log.pulled, 3);
    first.settle();
    assert.equal(requests.replayable, true);
    assert.deepEqual(await take(requests.open(attempt(outer)), 9), [1, 2, 3, 4, 5]);
  });

  test("keeps up to its limit, and one more message means no further try", async () => {
    const { requests, outer } = replay(100, 3);
    const reader = requests.open(attempt(outer));
    assert.deepEqual(await take(reader, 3), [1, 2, 3]);
    assert.equal(requests.replayable, true);
    assert.deepEqual(await take(reader, 1), [4]);
    assert.equal(requests.replayable, false);
    assert.equal((await take(reader, 100)).length, 96);
  });

  test("a limit of 0 keeps nothing, and a try that sent nothing is still followed by another", async () => {
    const { requests, outer } = replay(2, 0);
    const first = attempt(outer);
    requests.open(first);
    first.settle();
    assert.equal(requests.replayable, true);
    assert.deepEqual(await take(requests.open(attempt(outer)), 9), [1, 2]);
    assert.equal(requests.replayable, false);
  });

  test("after an answer nothing is kept and no try begins", async () => {
    const { requests, outer } = replay(9, 100);
    const reader = requests.open(attempt(outer));
    await take(reader, 2);
    requests.commit();
    assert.equal(requests.replayable, false);
    assert.equal((await take(reader, 100)).length, 7);
  });

  test("of two tries the faster pulls; one that is too far behind fails, which does not stop the other", async () => {
    const { requests, outer, log } = replay(10, 3);
    const slow = requests.open(attempt(outer));
    const fast = requests.open(attempt(outer));
    assert.deepEqual(await take(slow, 1), [1]);
    assert.deepEqual(await take(fast, 4), [1, 2, 3, 4]);
    assert.deepEqual(await take(slow, 1), [2]);
    assert.equal(log.pulled, 4);
    assert.equal((await take(fast, 99)).length, 6);
    await assert.rejects(take(slow, 1), (error) => RetryErrors.REQUESTS_NOT_KEPT.is(error));
  });

  test("the source's own failure reaches every try, and is no reason to try again", async () => {
    const outer = call();
    async function* failing() {
      yield 1;
      throw new Error("the caller's");
    }
    const requests = new ReplayRequests(failing(), 10, outer);
    const readers = [requests.open(attempt(outer)), requests.open(attempt(outer))];
    for (const reader of readers) {
      assert.deepEqual(await take(reader, 1), [1]);
      await assert.rejects(take(reader, 1), /the caller's/);
    }
    assert.equal(requests.replayable, false);
  });

  test("the source is let go when the call settles, and readers end", async () => {
    const { requests, outer, log } = replay(10, 3);
    const reader = requests.open(attempt(outer));
    await take(reader, 1);
    outer.settle();
    await settled();
    assert.equal(log.returned, true);
    assert.deepEqual(await take(reader, 1), []);
  });
});
