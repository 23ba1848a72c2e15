import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call } from "@sampan/core";
import { createFakeClock, type FakeClock, type InMemory, serveInMemory } from "@sampan/testkit";
import { Deliveries } from "./deliveries.js";

class Office {
  readonly clock: FakeClock = createFakeClock();
  readonly due = new Map<string, number>();
  readonly tried: string[] = [];
  readonly aborted: string[] = [];
  atOnce = 0;
  most = 0;
  deliver: (noticeId: string, call: Call) => Promise<void> = async (noticeId) => void this.due.delete(noticeId);
  commit: () => void = () => {};
  #memory: InMemory | undefined;

  async open(atOnce = 8): Promise<Deliveries> {
    this.#memory = await serveInMemory(() => [], this.clock);
    return new Deliveries({
      store: {
        due: async (now, limit) =>
          [...this.due]
            .filter(([, at]) => at <= now)
            .map(([id]) => id)
            .slice(0, limit),
        find: async () => undefined,
      },
      runtime: this.#memory.runtime,
      deliver: async (noticeId, call) => {
        this.tried.push(noticeId);
        this.most = Math.max(this.most, ++this.atOnce);
        call.onAbort(() => this.aborted.push(noticeId));
        await this.deliver(noticeId, call).finally(() => this.atOnce--);
      },
      onCommit: (listener) => {
        this.commit = listener;
        return () => (this.commit = () => {});
      },
      atOnce,
    });
  }

  close = (): Promise<void> => (this.#memory as InMemory).close();
}

test("what is due is tried at a commit, and what becomes due by the clock within a second", async () => {
  const office = new Office();
  const deliveries = await office.open();
  deliveries.start();
  await office.clock.advance(0);
  office.due.set("now", office.clock.now());
  office.due.set("later", office.clock.now() + 5000);
  office.commit();
  await office.clock.advance(0);
  assert.deepEqual(office.tried, ["now"]);
  await office.clock.advance(4000);
  assert.deepEqual(office.tried, ["now"]);
  await office.clock.advance(2000);
  assert.deepEqual(office.tried, ["now", "later"]);
  await deliveries.stop();
  await office.close();
});

test("so many at a time, each of them once, and all of them in the end", async () => {
  const office = new Office();
  const deliveries = await office.open(3);
  const release: (() => void)[] = [];
  office.deliver = async (noticeId) => {
    await new Promise<void>((resolve) => release.push(resolve));
    office.due.delete(noticeId);
  };
  for (let i = 0; i < 10; i++) office.due.set(`n${i}`, 0);
  deliveries.start();
  for (let rounds = 0; rounds < 20; rounds++) {
    office.commit();
    await office.clock.advance(0);
    for (const each of release.splice(0)) each();
    await office.clock.advance(0);
  }
  assert.deepEqual([office.most, office.tried.length, new Set(office.tried).size], [3, 10, 10]);
  await deliveries.stop();
  await office.close();
});

test("one that fails before anything is written rests, and stops nobody else", async () => {
  const office = new Office();
  const deliveries = await office.open();
  office.deliver = async (noticeId) => {
    if (noticeId === "bad") throw new Error("the disk is full");
    office.due.delete(noticeId);
  };
  office.due.set("bad", 0);
  office.due.set("good", 0);
  deliveries.start();
  for (let i = 0; i < 20; i++) {
    office.commit();
    await office.clock.advance(0);
  }
  assert.deepEqual(office.tried.sort(), ["bad", "good"]);
  await office.clock.advance(6000);
  assert.equal(office.tried.filter((id) => id === "bad").length, 2);
  await deliveries.stop();
  await office.close();
});

test("stopping takes up nothing new, waits for what is under way, and cuts it off after the grace", async () => {
  const office = new Office();
  const deliveries = await office.open();
  let finish = (): void => {};
  office.deliver = async (_, call) => {
    office.due.clear();
    await new Promise<void>((resolve, reject) => {
      finish = resolve;
      call.onAbort(reject);
    });
  };
  office.due.set("quick", 0);
  deliveries.start();
  await office.clock.advance(0);
  const quick = deliveries.stop(1000);
  office.due.set("too late", 0);
  finish();
  await quick;
  assert.deepEqual([office.tried, office.aborted], [["quick"], []]);
  office.due.clear();
  office.due.set("slow", 0);
  deliveries.start();
  await office.clock.advance(0);
  const slow = deliveries.stop(1000);
  await office.clock.advance(1000);
  await slow;
  assert.deepEqual(office.aborted, ["slow"]);
  await office.close();
});
