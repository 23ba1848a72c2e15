/** What the guards of the serving side add to an admitted call, and what they take for a refusal. */
import { Call, type Handler, type Method, methods, Runtime, superviseUnary } from "@sampan/core";
import { EchoService } from "@sampan/testkit";
import type { GuardCase, MakeMeasured, MeasuredGuard } from "./client-guards.js";

const limit = {
  ratePerSecond: 1e9,
  burst: 1e9,
  shape: "token",
  maxWaitMs: 0,
  warmUpMs: 10_000,
  coldFactor: 3,
  maxKeys: 10_000,
  exceptions: {},
  fair: "none",
  weights: {},
  activeMs: 2000,
  shared: false,
  leaseMs: 100,
  localShare: 0.25,
  storeTimeoutMs: 250,
};
const ranks = { priority: "normal", priorities: {} };
const concurrency = { max: 1000, queue: 100, maxWaitMs: 1000, fair: "tenant", weights: {}, ...ranks };
const shed = { maxLoopDelayMs: 50, retryAfterMs: 1000, ...ranks };

/** Each guard by itself, and those of a usual rule together. */
export function serverGuardCases(make: MakeMeasured): GuardCase[] {
  const one = (name: string, policy: object): MeasuredGuard => make(name, policy);
  return [
    { name: "limit", guards: [one("limit", limit)] },
    { name: "limit, leaky bucket", guards: [one("limit", { ...limit, shape: "leaky" })] },
    { name: "limit, warm-up", guards: [one("limit", { ...limit, shape: "warm-up" })] },
    { name: "limit per tenant", guards: [one("limit", { ...limit, per: "tenant" })] },
    { name: "limit per request field", guards: [one("limit", { ...limit, per: "field:text" })] },
    { name: "limit, fair between tenants", guards: [one("limit", { ...limit, fair: "tenant" })] },
    { name: "limit, shared, from the lease", guards: [one("limit", { ...limit, shared: true, leaseMs: 10_000 })] },
    { name: "concurrency", guards: [one("concurrency", concurrency)] },
    { name: "shed", guards: [one("shed", shed)] },
    { name: "fallback, fixed answer", guards: [one("fallback", { answer: {} })] },
    {
      name: "shed, limit, concurrency",
      guards: [one("shed", shed), one("limit", limit), one("concurrency", concurrency)],
    },
  ];
}

/** The price of a refusal: calls that are all refused. */
export function refusalCases(make: MakeMeasured): GuardCase[] {
  return [
    { name: "limit refuses", guards: [make("limit", { ...limit, ratePerSecond: 0.01, burst: 1 })] },
    { name: "concurrency refuses", guards: [make("concurrency", { ...concurrency, max: 0, queue: 0 })] },
  ];
}

const calls = 5_000;
const rounds = 20;

/** Time of a refused call of the server, from its `Call` to its rejection, ns; best of the rounds. */
export async function measureRefusals(cases: readonly GuardCase[]): Promise<{ name: string; nsPerCall: number }[]> {
  const method = methods(EchoService)[0] as Method;
  const served: Handler = () => ({ text: "served" });
  const runtime = new Runtime({
    name: "bench",
    connect: (service) => {
      throw new TypeError(`${service} is not called`);
    },
  });
  const rows: { name: string; nsPerCall: number }[] = [];
  for (const { name, guards } of cases) {
    const handler = guards.reduceRight<Handler>((next, guard) => guard.wrap(next, method), served);
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < rounds; round++) {
      const deadline = runtime.clock.now() + 60_000;
      const started = performance.now();
      for (let i = 0; i < calls; i++) {
        const call = new Call({ runtime, side: "server", name: method.path, method, deadline });
        await superviseUnary(handler, {}, call).catch(() => {});
      }
      best = Math.min(best, performance.now() - started);
    }
    rows.push({ name, nsPerCall: Math.round((best * 1e6) / calls) });
  }
  return rows;
}
