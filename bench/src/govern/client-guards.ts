/**
 * What guards add to a call that is admitted and succeeds: a client's call around a handler that answers at once, with
 * layers and without. Rounds of all cases take turns, and each figure is of the best round, because noise only adds.
 */
import { Call, type Handler, type Method, methods, Runtime, superviseUnary } from "@sampan/core";
import { EchoService } from "@sampan/testkit";

/** As much of a guard as is measured here; those of `@sampan/govern` are made by the `make` of their kind. */
export interface MeasuredGuard {
  wrap(next: Handler, method: Method): Handler;
}

/** Makes guards by the name of their section, with a policy in its normalised form. */
export type MakeMeasured = (section: string, policy: object) => MeasuredGuard;

export interface GuardCase {
  readonly name: string;
  /** The first is the outermost. */
  readonly guards: readonly MeasuredGuard[];
}

export interface GuardCost {
  readonly name: string;
  readonly nsPerCall: number;
  /** Above the same call without guards. */
  readonly addedNs: number;
}

const on = ["unavailable"];
const budget = { ratio: 0.2, minPerSecond: 3, burst: 10 };
const repeat = { budget, evenIfNotIdempotent: false, replayMessages: 16 };
const policies = {
  timeout: { timeoutMs: 800 },
  "try-timeout": { perTryMs: 300 },
  retry: { attempts: 3, on, backoff: { baseMs: 50, maxMs: 1000, factor: 2, jitter: "full" }, ...repeat },
  hedge: { afterMs: 80, attempts: 2, on, ...repeat },
  breaker: {
    errorRatio: 0.5,
    minimumRequests: 20,
    windowMs: 10_000,
    buckets: 10,
    openMs: 5000,
    probes: 3,
    on,
    per: "method",
    maxEndpoints: 1000,
  },
};

/** Each client guard by itself, and those of a usual rule together. */
export function clientGuardCases(make: MakeMeasured): GuardCase[] {
  const one = (name: keyof typeof policies): MeasuredGuard => make(name, policies[name]);
  const slow = { ...policies.breaker, slow: { aboveMs: 300, ratio: 0.5 } };
  return [
    { name: "timeout", guards: [one("timeout")] },
    { name: "timeout per try", guards: [one("try-timeout")] },
    { name: "retry", guards: [one("retry")] },
    { name: "hedge", guards: [one("hedge")] },
    { name: "breaker", guards: [one("breaker")] },
    { name: "breaker, slow calls too", guards: [make("breaker", slow)] },
    { name: "timeout, retry, breaker", guards: [one("timeout"), one("retry"), one("breaker")] },
  ];
}

const message = { text: "hello" };
const calls = 10_000;
const rounds = 30;

export async function measureGuards(cases: readonly GuardCase[]): Promise<GuardCost[]> {
  const method: Method = { ...(methods(EchoService)[0] as Method), idempotent: true };
  const answer: Handler = () => Promise.resolve(message);
  const all = [{ name: "none", guards: [] }, ...cases].map(({ name, guards }) => ({
    name,
    handler: guards.reduceRight<Handler>((next, guard) => guard.wrap(next, method), answer),
    best: Number.POSITIVE_INFINITY,
  }));
  const runtime = new Runtime({
    name: "bench",
    connect: (service) => {
      throw new TypeError(`${service} is not called`);
    },
  });
  for (let round = 0; round < rounds; round++) {
    for (const each of all) each.best = Math.min(each.best, await timeOf(each.handler, method, runtime));
  }
  const [none, ...guarded] = all.map(({ name, best }) => ({ name, nsPerCall: Math.round((best * 1e6) / calls) }));
  return guarded.map((each) => ({ ...each, addedNs: each.nsPerCall - (none?.nsPerCall ?? 0) }));
}

async function timeOf(handler: Handler, method: Method, runtime: Runtime): Promise<number> {
  const root = runtime.root({ name: "bench", timeoutMs: 600_000 });
  const started = performance.now();
  for (let i = 0; i < calls; i++) {
    const call = new Call({
      runtime,
      side: "client",
      name: method.path,
      method,
      deadline: root.deadline,
      parent: root,
      tenant: root.tenant,
    });
    await superviseUnary(handler, message, call);
  }
  const took = performance.now() - started;
  root.settle();
  return took;
}
