// opossum's circuit around a function that answers at once, as the program `rounds` measures it.
import CircuitBreaker from "opossum";

const message = { text: "hello" };
const noop = async () => message;

// Ours keeps no latencies either.
const settings = {
  timeout: false,
  errorThresholdPercentage: 50,
  volumeThreshold: 20,
  rollingCountTimeout: 10_000,
  rollingCountBuckets: 10,
  rollingPercentilesEnabled: false,
  resetTimeout: 5000,
};
const admitted = (more) => {
  const circuit = new CircuitBreaker(noop, { ...settings, ...more });
  return { call: () => circuit.fire() };
};

export const cases = {
  bare: () => ({ call: () => noop() }),
  breaker: () => admitted({}),
  "timeout, breaker, concurrency": () => admitted({ timeout: 800, capacity: 1000 }),
  "breaker is open": () => {
    const circuit = new CircuitBreaker(noop, { ...settings, resetTimeout: 24 * 3600_000 });
    circuit.open();
    return { call: () => circuit.fire(), refused: true };
  },
  "concurrency refuses": () => {
    let held = true;
    const circuit = new CircuitBreaker(() => (held ? new Promise(() => {}) : noop()), {
      ...settings,
      // It counts what is refused as failures, and would open.
      errorFilter: () => true,
      capacity: 1,
    });
    void circuit.fire();
    held = false;
    return { call: () => circuit.fire(), refused: true };
  },
};
