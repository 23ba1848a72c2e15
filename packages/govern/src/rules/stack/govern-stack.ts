import type { Method } from "@sampan/core";
import { loadBalancingKind } from "../../balancing/index.js";
import { batchKind, batchMisfit } from "../../batch/index.js";
import { breakerKind } from "../../breaker/index.js";
import { concurrencyKind } from "../../concurrency/index.js";
import { type FallbackPolicy, type FallbackPorts, fallbackKind, fallbackMisfit } from "../../fallback/index.js";
import { hedgeKind, makeHedge } from "../../hedge/index.js";
import { type LimitPolicy, type LimitPorts, limitKind, limitMisfit, limitUnsupported } from "../../limit/index.js";
import { outlierKind } from "../../outlier/index.js";
import { type RetryGuard, retryKind } from "../../retry/index.js";
import { type ShedPorts, shedKind } from "../../shed/index.js";
import { timeoutKind, tryTimeoutKind } from "../../timeout/index.js";
import type { Stack, StackElement } from "./element.js";

/** What guards use of the process. Each is optional; a rule that needs one that is missing says so as a misfit. */
export interface GovernPorts extends FallbackPorts, LimitPorts, ShedPorts {}

/** Every guard in its place, outermost first. */
export function governStack(ports: GovernPorts = {}): Stack {
  const fallback = {
    name: "fallback",
    answersFailures: true,
    kind: fallbackKind(ports),
    misfit: (policy: FallbackPolicy, method: Method) => fallbackMisfit(policy, method, ports),
    unsupported: ({ enqueue }: FallbackPolicy) =>
      enqueue !== undefined && ports.broker === undefined ? "no broker" : undefined,
  };
  const limit = {
    name: "limit",
    kind: limitKind(ports),
    misfit: (policy: LimitPolicy, method: Method) => limitUnsupported(policy, ports) ?? limitMisfit(policy, method),
    unsupported: (policy: LimitPolicy) => limitUnsupported(policy, ports),
  };
  const concurrency = { name: "concurrency", kind: concurrencyKind };
  const breaker = { name: "breaker", kind: breakerKind };
  const retry: StackElement = { name: "retry", kind: retryKind };
  // Each would have a budget of its own, and a call that is slow and fails could spend both.
  const hedge: StackElement = {
    name: "hedge",
    kind: hedgeKind,
    beside: {
      element: retry,
      make: (policy, enforcement, context, other) =>
        makeHedge(policy, enforcement, context, (other as unknown as RetryGuard).budget),
    },
  };
  return {
    endpoints: [
      { name: "outlier", kind: outlierKind },
      { name: "breaker", kind: breakerKind },
      { name: "loadBalancing", kind: loadBalancingKind },
    ],
    client: [
      fallback,
      { name: "timeout", kind: timeoutKind },
      limit,
      concurrency,
      { name: "batch", kind: batchKind, misfit: (_: unknown, method: Method) => batchMisfit(method) },
      retry,
      hedge,
      // Inside retry and hedge, where every call is a try, and around the breaker, which learns of it.
      { name: "try-timeout", kind: tryTimeoutKind },
      breaker,
    ],
    server: [fallback, { name: "shed", kind: shedKind(ports) }, limit, concurrency, breaker],
  };
}
