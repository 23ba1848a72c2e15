import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageQueue } from "./message-queue.js";

function queue(): { queue: MessageQueue; heard: string[] } {
  const heard: string[] = [];
  const made = new MessageQueue({
    onPulled: (owed, held) => void heard.push(`pulled ${owed} ${held}`),
    onEmpty: (empty) => void heard.push(empty ? "empty" : "not empty"),
    onReturned: () => void heard.push("returned"),
    onThrown: (thrown) => void heard.push(`thrown ${(thrown as Error).message}`),
  });
  return { queue: made, heard };
}

test("an error comes behind the messages before it, is announced once, and then the queue is done", async () => {
  const { queue: made, heard } = queue();
  made.push("a", 5, 0);
  made.end(new Error("bad message"));
  assert.deepEqual(heard, ["not empty"]);
  assert.deepEqual(await made.next(), { done: false, value: "a" });
  await assert.rejects(made.next(), /bad message/);
  assert.deepEqual(heard, ["not empty", "pulled 5 0", "empty", "thrown bad message"]);
  assert.equal((await made.next()).done, true);
});

test("an abort fails every read that waits and every later one, whatever is queued", async () => {
  const { queue: made } = queue();
  const waiting = [made.next(), made.next()];
  const outcome = Promise.allSettled(waiting);
  made.abort(new Error("cancelled"));
  for (const { status } of await outcome) assert.equal(status, "rejected");
  made.push("late", 1, 0);
  await assert.rejects(made.next(), /cancelled/);
  await assert.rejects(made.next(), /cancelled/);
});

test("a reader that returns gives back what is queued, and hears no more", async () => {
  const { queue: made, heard } = queue();
  made.push("a", 5, 2);
  made.push("b", 6, 0);
  await made.return();
  made.push("c", 7, 0);
  assert.deepEqual(heard, ["not empty", "pulled 5 2", "pulled 6 0", "empty", "returned", "pulled 7 0"]);
  assert.equal((await made.next()).done, true);
});
