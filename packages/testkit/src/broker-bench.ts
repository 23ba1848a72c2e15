import assert from "node:assert/strict";
import type { Broker, BrokerMessage, Delivery, SubscribeOptions } from "@sampan/core/ports";

/** A broker with empty queues, and power over its time. */
export interface BrokerUnderTest {
  readonly broker: Broker;
  /** Lets time pass: moves a fake clock, or sleeps. */
  passTime(ms: number): Promise<void>;
  /** Closes the broker and opens it again over the same queues. */
  reopen(): Promise<Broker>;
  /** Removes everything. */
  dispose(): Promise<void>;
}

/** What a test of the contract works with. */
export interface BrokerBench extends BrokerUnderTest {
  /** Lets time pass until the condition holds; fails after `limitMs` (default one minute). */
  until(condition: () => boolean, limitMs?: number): Promise<void>;
  /** Lets enough time pass for a wrong delivery to arrive. */
  quiet(): Promise<void>;
}

export type BrokerTest = (behaviour: string, run: (bench: BrokerBench) => Promise<void>) => void;

/** A message with defaults for what a test does not care about. */
export function message(id: string, more: Partial<BrokerMessage> = {}): BrokerMessage {
  return { topic: "orders", key: id, id, payload: new TextEncoder().encode(id), headers: {}, ...more };
}

/** Collects what a subscription gets. */
export function collect(into: Delivery[]): Pick<SubscribeOptions, "handle"> {
  return {
    async handle(delivery) {
      into.push(delivery);
    },
  };
}

export const idsOf = (deliveries: readonly Delivery[]): string[] => deliveries.map(({ id }) => id);

/** A handler that each delivery waits in, until the test lets it go. */
export function gate(): {
  readonly waiting: Delivery[];
  readonly handle: SubscribeOptions["handle"];
  /** Answers the delivery of this id, the last one unless an attempt is given. */
  open(id: string, error?: Error, attempt?: number): void;
} {
  const waiting: Delivery[] = [];
  const doors: { readonly delivery: Delivery; readonly open: (error?: Error) => void }[] = [];
  return {
    waiting,
    handle(delivery) {
      waiting.push(delivery);
      return new Promise((resolve, reject) => {
        doors.push({ delivery, open: (error) => (error === undefined ? resolve() : reject(error)) });
      });
    },
    open(id, error, attempt) {
      const door = doors.findLast(
        ({ delivery }) => delivery.id === id && delivery.attempt === (attempt ?? delivery.attempt),
      );
      assert.ok(door !== undefined, `${id} was not delivered`);
      door.open(error);
    },
  };
}

/** The bench of one test. */
export function benchOf(opened: BrokerUnderTest): BrokerBench {
  return {
    ...opened,
    async until(condition, limitMs = 60_000) {
      for (let waited = 0; !condition(); waited += stepMs) {
        assert.ok(waited < limitMs, `it has not happened within ${limitMs} ms: ${condition}`);
        await opened.passTime(stepMs);
      }
    },
    async quiet() {
      for (let i = 0; i < 10; i++) await opened.passTime(stepMs);
    },
  };
}

const stepMs = 20;
