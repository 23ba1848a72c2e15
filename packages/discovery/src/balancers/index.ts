import type { Balancer } from "@sampan/core/ports";
import { consistentHash } from "./consistent-hash.js";
import { ipHash } from "./ip-hash.js";
import { leastInFlight } from "./least-in-flight.js";
import { powerOfTwo } from "./power-of-two.js";
import { random } from "./random.js";
import { responseTimeWeighted } from "./response-time.js";
import { roundRobin } from "./round-robin.js";
import { smoothWeighted } from "./smooth-weighted.js";
import { weightedRandom } from "./weighted-random.js";

/** Makes a balancer; `draw` gives numbers in [0, 1). */
export type MakeBalancer = (draw: () => number) => Balancer;

/** By the names that rules and settings use. */
export const balancers: Readonly<Record<BalancerName, MakeBalancer>> = {
  "round-robin": (draw) => roundRobin(draw()),
  "smooth-weighted": (draw) => smoothWeighted(draw()),
  random,
  "weighted-random": weightedRandom,
  "least-in-flight": (draw) => leastInFlight(draw()),
  "power-of-two": powerOfTwo,
  "response-time": responseTimeWeighted,
  "consistent-hash": consistentHash,
  "ip-hash": ipHash,
};

export type BalancerName =
  | "round-robin"
  | "smooth-weighted"
  | "random"
  | "weighted-random"
  | "least-in-flight"
  | "power-of-two"
  | "response-time"
  | "consistent-hash"
  | "ip-hash";
