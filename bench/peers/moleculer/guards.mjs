// Moleculer's middlewares around a local action that answers at once, as the program `rounds` measures them.
import { ServiceBroker } from "moleculer";

const message = { text: "hello" };
const timeout = { requestTimeout: 800 };
const retry = { retryPolicy: { enabled: true, retries: 2, delay: 50, maxDelay: 1000, factor: 2 } };
const breaker = {
  circuitBreaker: { enabled: true, threshold: 0.5, windowTime: 10, minRequestCount: 20, halfOpenTime: 5000 },
};
const bulkhead = { bulkhead: { enabled: true, concurrency: 1000, maxQueueSize: 100 } };

/** A call of an action in this process, with the middlewares that the options turn on. */
async function broker(options, handler = async () => message) {
  const made = new ServiceBroker({ nodeID: "bench", logger: false, hotReload: false, ...options });
  made.createService({ name: "bench", actions: { echo: { handler } } });
  await made.start();
  return { call: () => made.call("bench.echo", message) };
}

export const cases = {
  bare: () => broker({}),
  timeout: () => broker(timeout),
  retry: () => broker(retry),
  breaker: () => broker(breaker),
  concurrency: () => broker(bulkhead),
  "timeout, breaker, concurrency": () => broker({ ...timeout, ...breaker, ...bulkhead }),
  "timeout, retry, breaker, concurrency": () => broker({ ...timeout, ...retry, ...breaker, ...bulkhead }),
  "breaker is open": async () => {
    const failing = async () => {
      throw Object.assign(new Error("on purpose"), { code: 503 });
    };
    const open = { circuitBreaker: { ...breaker.circuitBreaker, halfOpenTime: 24 * 3600_000 } };
    const { call } = await broker(open, failing);
    for (let i = 0; i < 20; i++) await call().catch(() => {});
    return { call, refused: true };
  },
  "concurrency refuses": async () => {
    const full = { bulkhead: { enabled: true, concurrency: 1, maxQueueSize: 1 } };
    const { call } = await broker(full, () => new Promise(() => {}));
    void call();
    void call();
    return { call, refused: true };
  },
};
