import { type Call, CoreErrors, implement, type Service } from "@sampan/core";
import type { Broker, BrokerMessage, Delivery } from "@sampan/core/ports";
import {
  BrokerService,
  type SubscribeRequest,
  type SubscriptionOpening,
} from "@sampan/protos/sampan/broker/v1/broker_pb.js";
import { AsyncQueue } from "./async-queue.js";
import { deliveryToWire, fromWire } from "./delivery-message.js";

/** What a subscriber has not answered yet. */
interface Pending {
  resolve(): void;
  reject(error: Error): void;
}

interface Outgoing {
  readonly token: bigint;
  readonly delivery?: ReturnType<typeof deliveryToWire>;
  readonly revoked?: boolean;
}

/**
 * Serves a broker to other processes. A subscription lives as long as its call: when that ends, messages that were
 * delivered and not answered are given back at once.
 */
export function brokerService(broker: Broker): Service {
  return implement(BrokerService, {
    async publish({ messages }, call) {
      await broker.publish(messages.map((message) => publishedBy(call.peer.identity, fromWire(message))));
      return {};
    },
    subscribe: (requests, call) => subscription(broker, requests, call),
    async listDeadLetters({ topic, group, limit }) {
      const letters = await broker.deadLetters(topic, group, limit === 0 ? undefined : limit);
      return { deliveries: letters.map(deliveryToWire) };
    },
    async redrive({ topic, group, id }) {
      return { found: await broker.redrive(topic, group, id) };
    },
  });
}

/** Who has published a message, when a certificate says it; readers may believe it, since no publisher can write it. */
export const publisherHeader = "x-sampan-publisher";

function publishedBy(identity: string, message: BrokerMessage): BrokerMessage {
  const { [publisherHeader]: _, ...headers } = message.headers;
  return {
    ...message,
    headers: identity.startsWith("spiffe://") ? { ...headers, [publisherHeader]: identity } : headers,
  };
}

async function* subscription(
  broker: Broker,
  requests: AsyncIterable<SubscribeRequest>,
  call: Call,
): AsyncIterable<Outgoing> {
  const incoming = requests[Symbol.asyncIterator]();
  const first = await incoming.next();
  if (first.done === true || first.value.kind.case !== "opening") {
    throw CoreErrors.INVALID_REQUEST({ violations: "the first request must be the opening of the subscription" });
  }
  const out = new AsyncQueue<Outgoing>();
  const pending = new Map<bigint, Pending>();
  const subscribed = await broker.subscribe({ ...optionsOf(first.value.kind.value), handle: deliverTo(out, pending) });
  // Also when the reader is gone: nobody would pull this generator any more.
  call.onSettle(() => {
    out.end();
    for (const each of pending.values()) each.reject(new Error("the subscriber is gone"));
    pending.clear();
    subscribed.close(0).catch((error: unknown) => call.runtime.logger.error("a subscription did not close", { error }));
  });
  void readAnswers(incoming, pending).finally(() => out.end());
  yield { token: 0n };
  yield* out;
}

function deliverTo(out: AsyncQueue<Outgoing>, pending: Map<bigint, Pending>) {
  let last = 0n;
  return (delivery: Delivery, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const token = ++last;
      pending.set(token, { resolve, reject });
      // The visibility timeout: whatever the subscriber says now comes too late.
      const revoke = (): void => {
        if (!pending.delete(token)) return;
        out.push({ token, revoked: true });
        reject(signal.reason);
      };
      signal.addEventListener("abort", revoke, { once: true });
      out.push({ token, delivery: deliveryToWire(delivery) });
    });
}

/** Until the subscriber half-closes, or its call ends. */
async function readAnswers(incoming: AsyncIterator<SubscribeRequest>, pending: Map<bigint, Pending>): Promise<void> {
  try {
    for (let next = await incoming.next(); next.done !== true; next = await incoming.next()) {
      const { kind } = next.value;
      if (kind.case !== "answer") continue;
      const { token, failure } = kind.value;
      const each = pending.get(token);
      pending.delete(token);
      if (failure === "") each?.resolve();
      else each?.reject(new Error(failure));
    }
  } catch {
    // The call ended, which gives back what is pending.
  }
}

function optionsOf({ topic, group, concurrency, visibilityMs, maxAttempts }: SubscriptionOpening) {
  return {
    topic,
    group,
    ...(concurrency === 0 ? {} : { concurrency }),
    ...(visibilityMs === 0n ? {} : { visibilityMs: Number(visibilityMs) }),
    ...(maxAttempts === 0 ? {} : { maxAttempts }),
  };
}
