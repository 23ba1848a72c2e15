import { type Client, Code, RpcError, type Runtime, sleep } from "@sampan/core";
import type { Broker, SubscribeOptions, Subscription } from "@sampan/core/ports";
import { BrokerService } from "@sampan/protos/sampan/broker/v1/broker_pb.js";
import { deliveryFromWire, toWire } from "./delivery-message.js";
import { RemoteSubscription } from "./remote-subscription.js";

/** The runtime's channel to `BrokerService` decides where it is. */
export interface RemoteBrokerOptions {
  readonly runtime: Runtime;
  /** How long to wait before a subscription that broke is opened again, ms. Default 200. */
  readonly retryMs?: number;
}

/**
 * The broker of another process. Subscriptions are opened again when they break; what was in work then is delivered
 * again. The first subscription waits until the other process answers, for as long as a call may take.
 */
export function remoteBroker({ runtime, retryMs = 200 }: RemoteBrokerOptions): Broker {
  const open = new Set<RemoteSubscription>();
  let closed = false;
  /** Work on a root call. */
  const remote = <T>(name: string, work: (client: Client<typeof BrokerService>) => Promise<T>): Promise<T> => {
    if (closed) return Promise.reject(new RpcError(Code.Unavailable, "the broker is closed"));
    return runtime.run({ name: `broker/${name}` }, (call) => work(call.to(BrokerService)));
  };
  return {
    publish: (messages) =>
      remote("publish", async (client) => {
        await client.publish({ messages: messages.map(toWire) });
      }),
    async subscribe(options: SubscribeOptions): Promise<Subscription> {
      if (closed) throw new RpcError(Code.Unavailable, "the broker is closed");
      const subscription = new RemoteSubscription(runtime, options, retryMs);
      open.add(subscription);
      await firstAnswer(runtime, subscription);
      return {
        async close(graceMs) {
          open.delete(subscription);
          await subscription.close(graceMs);
        },
      };
    },
    deadLetters: (topic, group, limit = 0) =>
      remote("dead-letters", async (client) => {
        const { deliveries } = await client.listDeadLetters({ topic, group, limit });
        return deliveries.map(deliveryFromWire);
      }),
    redrive: (topic, group, id) =>
      remote("redrive", async (client) => (await client.redrive({ topic, group, id })).found),
    async close() {
      closed = true;
      await Promise.all([...open].map((subscription) => subscription.close(0)));
      open.clear();
    },
  };
}

async function firstAnswer(runtime: Runtime, subscription: RemoteSubscription): Promise<void> {
  const stop = new AbortController();
  const late = sleep(runtime.clock, runtime.defaultTimeoutMs, stop.signal).then(
    () => true,
    () => false,
  );
  const tooLate = await Promise.race([late, subscription.opened.then(() => false)]);
  stop.abort();
  if (!tooLate) return;
  await subscription.close(0);
  throw new RpcError(Code.Unavailable, "the broker's process does not answer", { cause: subscription.lastError });
}
