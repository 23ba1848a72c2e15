// cockatiel's policies around a function that answers at once, as the program `rounds` measures them.
import {
  bulkhead,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  retry,
  SamplingBreaker,
  TimeoutStrategy,
  timeout,
  wrap,
} from "cockatiel";

const message = { text: "hello" };
const noop = async () => message;
const unavailable = handleWhen((error) => error.unavailable === true);

const timeouts = () => timeout(800, TimeoutStrategy.Aggressive);
const retries = () =>
  retry(unavailable, { maxAttempts: 2, backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 1000 }) });
const breakers = () =>
  circuitBreaker(unavailable, {
    halfOpenAfter: 5000,
    breaker: new SamplingBreaker({ threshold: 0.5, duration: 10_000, minimumRps: 2 }),
  });
const bulkheads = () => bulkhead(1000, 100);
const admitted = (policy) => ({ call: () => policy.execute(noop) });

export const cases = {
  bare: () => ({ call: () => noop() }),
  timeout: () => admitted(timeouts()),
  retry: () => admitted(retries()),
  breaker: () => admitted(breakers()),
  concurrency: () => admitted(bulkheads()),
  "timeout, breaker, concurrency": () => admitted(wrap(timeouts(), bulkheads(), breakers())),
  "timeout, retry, breaker, concurrency": () => admitted(wrap(timeouts(), bulkheads(), retries(), breakers())),
  "breaker is open": () => {
    const policy = breakers();
    policy.isolate();
    return { call: () => policy.execute(noop), refused: true };
  },
  "concurrency refuses": () => {
    const policy = bulkhead(1, 0);
    void policy.execute(() => new Promise(() => {}));
    return { call: () => policy.execute(noop), refused: true };
  },
};
