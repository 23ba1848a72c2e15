/** One instance of the simulated service. */
export interface SimulatedInstance {
  readonly weight: number;
  /** Calls that it works on at a time; further ones wait in line. */
  readonly workers: number;
  /** How many times longer than usual it takes. */
  readonly slowness: number;
  /** It stops for `forMs` at the beginning of every `everyMs`. */
  readonly hangs?: { readonly everyMs: number; readonly forMs: number };
}

export interface Scenario {
  readonly name: string;
  readonly instances: readonly SimulatedInstance[];
  /** Those whose share of the calls is shown. */
  readonly watched: (instance: SimulatedInstance) => boolean;
}

const usual: SimulatedInstance = { weight: 100, workers: 4, slowness: 1 };
const others = Array.from({ length: 9 }, () => usual);

/** Ten instances, each with room for 400 calls a second where nothing else is said. */
export const scenarios: readonly Scenario[] = [
  { name: "all alike", instances: [usual, ...others], watched: (each) => each === usual },
  {
    name: "one answers 20x slower",
    instances: [{ ...usual, slowness: 20 }, ...others],
    watched: ({ slowness }) => slowness > 1,
  },
  {
    name: "one hangs 1 s every 4 s",
    instances: [{ ...usual, hangs: { everyMs: 4000, forMs: 1000 } }, ...others],
    watched: ({ hangs }) => hangs !== undefined,
  },
  {
    name: "five have half the weight and power",
    instances: [...Array.from({ length: 5 }, () => ({ ...usual, weight: 50, workers: 2 })), ...others.slice(4)],
    watched: ({ weight }) => weight === 50,
  },
];
