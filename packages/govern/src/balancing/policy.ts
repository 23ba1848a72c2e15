import type { SectionProblem, SectionSpec } from "../rules/section.js";

/** How the calls of a service are spread over its instances. */
export interface LoadBalancingPolicy {
  /** One of `balancerNames`. */
  readonly policy: string;
  /** What `consistent-hash` goes by; left out, the user, or the tenant of a call without one. */
  readonly key?: string;
  /** Instances that one caller uses; 0: all. */
  readonly subsetSize: number;
  readonly zoneAware: boolean;
  readonly slowStart: { readonly windowMs: number; readonly from: number };
  /** Share of healthy instances below which health is ignored. */
  readonly panicThreshold: number;
}

/** The balancers of `packages/discovery`, which this package does not import; a test of `packages/app` compares the two. */
export const balancerNames: readonly string[] = [
  "round-robin",
  "smooth-weighted",
  "random",
  "weighted-random",
  "least-in-flight",
  "power-of-two",
  "response-time",
  "consistent-hash",
  "ip-hash",
];

export const loadBalancingSection: SectionSpec<LoadBalancingPolicy> = {
  name: "loadBalancing",
  doc: "How calls are spread over the instances of a service. Acts in the balancer; for whole services only.",
  sides: ["client"],
  short: "policy",
  perService: () => true,
  scope: () => ({ over: "service" }),
  fields: {
    policy: { kind: "choice", of: balancerNames, default: "power-of-two", doc: "Which instance takes a call." },
    key: {
      kind: "text",
      doc: "What consistent-hash goes by; left out, the user, or the tenant of a call without one.",
      pattern: "^(user|tenant|header:[0-9a-z_.-]{1,64})$",
      patternMeans: "user, tenant, or a header such as header:x-device",
    },
    subset: {
      kind: "integer",
      as: "subsetSize",
      min: 0,
      max: 100_000,
      default: 0,
      doc: "Instances that one caller uses of a large service; 0: all.",
    },
    zoneAware: { kind: "boolean", default: true, doc: "Instances of the caller's own zone first." },
    slowStart: {
      kind: "object",
      default: {},
      doc: "How the share of a new instance grows.",
      fields: {
        window: {
          kind: "duration",
          as: "windowMs",
          min: "0",
          max: "1h",
          default: "30s",
          doc: "Until it has its full share; 0: at once.",
        },
        from: { kind: "ratio", min: "0.1%", max: "100%", default: "10%", doc: "The share that it begins with." },
      },
    },
    panicThreshold: {
      kind: "ratio",
      min: "0%",
      max: "100%",
      default: "50%",
      doc: "When a smaller share than this is healthy, all take calls; 0%: never.",
    },
  },
  check({ policy, key }): SectionProblem[] {
    if (key === undefined || policy === "consistent-hash") return [];
    return [{ path: ["key"], why: `${policy} goes by no key`, fix: "leave it out, or write policy: consistent-hash" }];
  },
};
