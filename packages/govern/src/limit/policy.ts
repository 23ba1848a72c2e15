import { keyPattern } from "../call-key.js";
import type { SectionProblem, SectionSpec } from "../rules/section.js";

export type LimitShape = "token" | "leaky" | "warm-up";

/** How many calls may start, normalised. */
export interface LimitPolicy {
  readonly ratePerSecond: number;
  /** Calls that may start at once after a pause. Left out: one second's worth (a leaky bucket has one). */
  readonly burst?: number;
  readonly shape: LimitShape;
  /** A call whose turn comes within this waits for it; 0 refuses at once. */
  readonly maxWaitMs: number;
  readonly warmUpMs: number;
  readonly coldFactor: number;
  /** Each value of this key has the rate for itself; left out: all calls share it. See `readKey`. */
  readonly per?: string;
  /** Keys that are kept at a time. */
  readonly maxKeys: number;
  /** Rates of single values of the key (Sentinel's `specificItems`), per second. 0 refuses the value. */
  readonly exceptions: Readonly<Record<string, number>>;
  readonly fair: "none" | "tenant";
  readonly weights: Readonly<Record<string, number>>;
  /** A tenant that has not called for so long gives up its share. */
  readonly activeMs: number;
  readonly shared: boolean;
  readonly leaseMs: number;
  /** The part of the rate each instance lets through while the shared store is away. */
  readonly localShare: number;
  readonly storeTimeoutMs: number;
}

export const limitSection: SectionSpec<LimitPolicy> = {
  name: "limit",
  doc: "How many calls may start, by rate.",
  sides: ["server", "client"],
  short: "rate",
  fields: {
    rate: { kind: "rate", doc: "Calls that may start, such as 500/s.", as: "ratePerSecond", required: true },
    burst: {
      kind: "integer",
      doc: "Calls that may start at once after a pause; left out, one second's worth.",
      min: 1,
      max: 10_000_000,
    },
    shape: {
      kind: "choice",
      doc: "token lets bursts through, leaky spaces calls evenly, warm-up begins slow and rises under load.",
      of: ["token", "leaky", "warm-up"],
      default: "token",
    },
    maxWait: {
      kind: "duration",
      doc: "A call whose turn comes within this waits for it instead of being refused.",
      as: "maxWaitMs",
      default: "0",
      max: "1m",
    },
    warmUp: {
      kind: "duration",
      doc: "How long warm-up takes from cold to the full rate.",
      as: "warmUpMs",
      default: "10s",
      min: "1s",
      max: "1h",
    },
    coldFactor: {
      kind: "number",
      doc: "How many times slower than the full rate warm-up begins.",
      default: 3,
      min: 1.1,
      max: 100,
    },
    per: {
      kind: "text",
      doc: "Each value has the rate for itself: tenant, user, caller, header:<name> or field:<path in the request>.",
      pattern: keyPattern,
      patternMeans: "tenant, user, caller, header:x-app or field:product.id",
    },
    maxKeys: {
      kind: "integer",
      doc: "Values kept at a time; when all are in use, further ones share one rate.",
      default: 10_000,
      min: 1,
      max: 1_000_000,
    },
    exceptions: {
      kind: "map",
      doc: "Rates of single values, such as a product on sale.",
      values: { kind: "rate", doc: "Its rate." },
      default: {},
      maxItems: 1000,
    },
    fair: {
      kind: "choice",
      doc: "tenant shares the rate out among the tenants that call.",
      of: ["none", "tenant"],
      default: "none",
    },
    weights: {
      kind: "map",
      doc: "Shares of tenants that are not 1.",
      values: { kind: "number", doc: "Its weight.", min: 0.01, max: 1000 },
      default: {},
      maxItems: 1000,
    },
    active: {
      kind: "duration",
      doc: "A tenant that has not called for so long gives up its share.",
      as: "activeMs",
      default: "2s",
      min: "10ms",
      max: "10m",
    },
    shared: { kind: "boolean", doc: "All instances share the rate, over the key-value store.", default: false },
    lease: {
      kind: "duration",
      doc: "How much of its use an instance takes from the shared rate ahead.",
      as: "leaseMs",
      default: "100ms",
      min: "10ms",
      max: "10s",
    },
    localShare: {
      kind: "ratio",
      doc: "The part of the rate that each instance lets through while the store is away.",
      default: "25%",
      min: "0.1%",
      max: "100%",
    },
    storeTimeout: {
      kind: "duration",
      doc: "How long the store may take before it counts as away.",
      as: "storeTimeoutMs",
      default: "250ms",
      min: "1ms",
      max: "10s",
    },
  },
  check: checkLimit,
};

function checkLimit(policy: LimitPolicy): readonly SectionProblem[] {
  const problems: SectionProblem[] = [];
  const say = (field: string, why: string, fix: string): void => void problems.push({ path: [field], why, fix });
  if (!(policy.ratePerSecond > 0)) say("rate", "nothing would ever pass", "give a rate above 0");
  if (policy.shape === "leaky" && policy.burst !== undefined && policy.burst > 1) {
    say("burst", "a leaky bucket lets no bursts through", "leave burst out, or use shape: token");
  }
  if (policy.fair === "tenant") {
    if (policy.per !== undefined) say("fair", "a rate per key is not shared", "leave out per, or fair");
    if (policy.shared) say("fair", "shares are kept in one process", "leave out shared, or fair");
    if (policy.shape !== "token") say("fair", "shares are token buckets", "use shape: token");
    if (policy.maxWaitMs > 0) say("maxWait", "a tenant beyond its share is refused", "leave out maxWait, or fair");
  } else if (Object.keys(policy.weights).length > 0) {
    say("weights", "weights are of fair tenants", "add fair: tenant");
  }
  if (policy.shared && policy.shape !== "token") say("shared", "only tokens are shared", "use shape: token");
  if (policy.shared && policy.maxWaitMs > 0) {
    say("maxWait", "a shared limit refuses at once", "leave out maxWait, or shared");
  }
  if (policy.per === undefined && Object.keys(policy.exceptions).length > 0) {
    say("exceptions", "they are values of a key", "say which key with per");
  }
  return problems;
}

/** The size of the bucket. */
export function burstOf(policy: LimitPolicy, ratePerSecond: number = policy.ratePerSecond): number {
  if (policy.shape === "leaky") return 1;
  return Math.max(1, policy.burst ?? (policy.shape === "warm-up" ? ratePerSecond / 10 : ratePerSecond));
}
