/** A message to publish. */
export interface BrokerMessage {
  readonly topic: string;
  /** Messages of a topic with the same key are delivered to a group one after the other, in publishing order. */
  readonly key: string;
  /** Publishing an id again, within the broker's deduplication window, changes nothing. */
  readonly id: string;
  readonly payload: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** A message as a consumer gets it. */
export interface Delivery extends BrokerMessage {
  /** 1 at the first delivery. */
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly publishedAt: number;
}

export interface SubscribeOptions {
  readonly topic: string;
  /** Every group gets every message; the members of a group share them. */
  readonly group: string;
  /** Resolving acknowledges; rejecting gives the message back, to be delivered again after a backoff. */
  readonly handle: (delivery: Delivery, signal: AbortSignal) => Promise<void>;
  /** Messages in work at a time, over different keys. Default 8. */
  readonly concurrency?: number;
  /** After so long without an answer the message is delivered again, in ms. Default 30000. */
  readonly visibilityMs?: number;
  /** Deliveries before a message becomes a dead letter. Default 10. */
  readonly maxAttempts?: number;
}

export interface Subscription {
  /** Takes no more messages; resolves when those in work are answered, or aborts them after `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

/**
 * At-least-once messages. `publish` resolves when the messages are durable; all of one call, or none. A group sees
 * what is published after its first subscription (and, once it exists, also what is published while it is away).
 */
export interface Broker {
  publish(messages: readonly BrokerMessage[]): Promise<void>;
  subscribe(options: SubscribeOptions): Promise<Subscription>;
  /** What a group gave up on, oldest first. A dead letter does not block the messages behind it. */
  deadLetters(topic: string, group: string, limit?: number): Promise<readonly Delivery[]>;
  /** Delivers a dead letter again, with its attempts counted from 1. False when there is none of this id. */
  redrive(topic: string, group: string, id: string): Promise<boolean>;
  close(): Promise<void>;
}
