import type { Method } from "@sampan/core";
import { batchKind, batchMisfit } from "../../batch/index.js";
import { breakerKind } from "../../breaker/index.js";
import { concurrencyKind } from "../../concurrency/index.js";
import { type FallbackPolicy, type FallbackPorts, fallbackKind, fallbackMisfit } from "../../fallback/index.js";
import { hedgeKind } from "../../hedge/index.js";
import { type LimitPorts, limitKind, limitMisfit } from "../../limit/index.js";
import { retryKind } from "../../retry/index.js";
import { type ShedPorts, shedKind } from "../../shed/index.js";
import { timeoutKind, tryTimeoutKind } from "../../timeout/index.js";
import type { Stack } from "./element.js";

/** What guards use of the process. Each is optional; a rule that needs one that is missing says so as a misfit. */
export interface GovernPorts extends FallbackPorts, LimitPorts, ShedPorts {}

/** Every guard in its place, outermost first. */
export function governStack(ports: GovernPorts = {}): Stack {
  const fallback = {
    name: "fallback",
    kind: fallbackKind(ports),
    misfit: (policy: FallbackPolicy, method: Method) => fallbackMisfit(policy, method, ports),
  };
  const limit = { name: "limit", kind: limitKind(ports), misfit: limitMisfit };
  const concurrency = { name: "concurrency", kind: concurrencyKind };
  const breaker = { name: "breaker", kind: breakerKind };
  return {
    client: [
      fallback,
      { name: "timeout", kind: timeoutKind },
      limit,
      concurrency,
      { name: "batch", kind: batchKind, misfit: (_: unknown, method: Method) => batchMisfit(method) },
      { name: "retry", kind: retryKind },
      { name: "hedge", kind: hedgeKind },
      // Inside retry and hedge, where every call is a try, and around the breaker, which learns of it.
      { name: "try-timeout", kind: tryTimeoutKind },
      breaker,
    ],
    server: [fallback, { name: "shed", kind: shedKind(ports) }, limit, concurrency, breaker],
  };
}
