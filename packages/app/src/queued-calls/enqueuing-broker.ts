import type { Method } from "@sampan/core";
import type { Broker } from "@sampan/core/ports";
import { accessOf, authorize } from "@sampan/identity";
import { userOf } from "./caller-of.js";

/** Every process that serves a service is of this group, so that one of them makes a call, and others hold none up. */
export function groupOf(service: string): string {
  return `queued-calls/${service}`;
}

/** The service of a path such as `/order.v1.OrderService/CreateOrder`. */
export function serviceOf(path: string): string {
  return path.slice(1, path.lastIndexOf("/"));
}

/**
 * What rules enqueue calls with. A broker keeps messages for groups that it has seen once: before the first call of a
 * service goes to a topic, its group is made there, since whoever serves it may never have run yet. A call that would be
 * refused when it is made, because its user may not make it, is not enqueued: `publish` rejects with that refusal.
 */
export function enqueuingBroker(
  open: () => Promise<Broker>,
  findMethod: (path: string) => Method | undefined = () => undefined,
): Pick<Broker, "publish"> {
  const made = new Set<string>();
  return {
    async publish(messages) {
      for (const { headers } of messages) {
        const method = findMethod(headers.method ?? "");
        const refusal = method === undefined ? undefined : authorize(method, accessOf(method), userOf(headers));
        if (refusal !== undefined) throw refusal;
      }
      const broker = await open();
      for (const { topic, headers } of messages) {
        const group = groupOf(serviceOf(headers.method ?? ""));
        const name = `${topic}\n${group}`;
        if (made.has(name)) continue;
        await makeGroup(broker, topic, group);
        made.add(name);
      }
      await broker.publish(messages);
    },
  };
}

/** A member that takes nothing: what it is given meanwhile goes back when it leaves, at once. */
async function makeGroup(broker: Broker, topic: string, group: string): Promise<void> {
  const handle = (_: unknown, signal: AbortSignal): Promise<void> =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
  const subscription = await broker.subscribe({ topic, group, concurrency: 1, handle });
  await subscription.close(0);
}
