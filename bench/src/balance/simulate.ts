import { type BalancerName, Cluster } from "@sampan/discovery";
import { seededRandom } from "@sampan/testkit";
import { exponential, percentile } from "../harness/samples.js";
import { VirtualTime } from "../harness/virtual-time.js";
import { instanceAt } from "./instances.js";
import type { Scenario } from "./scenario.js";
import { SimulatedServer } from "./simulated-server.js";

export interface Simulated {
  readonly p50: number;
  readonly p99: number;
  readonly mean: number;
  /** Calls that each instance got, in the order of the scenario. */
  readonly calls: readonly number[];
  /** The share of calls that had no answer within the deadline. */
  readonly failed: number;
}

/** Calls of four callers, who know only of their own; half of what ten usual instances can do. */
const callers = 4;
const callsPerSecond = 2000;
const serviceMs = 10;
const deadlineMs = 2000;
const calls = 40_000;
const warmUpCalls = 4_000;

/** The clusters of the callers in virtual time, with Poisson arrivals and exponential service times. */
export function simulate(balancer: BalancerName, scenario: Scenario): Simulated {
  const time = new VirtualTime();
  const draw = seededRandom(1);
  const instances = scenario.instances.map(({ weight }, index) => instanceAt(index, weight));
  const clusters = Array.from({ length: callers }, () => new Cluster({ balancer, random: draw }));
  for (const cluster of clusters) cluster.update(instances, 0);
  const servers = new Map(
    instances.map(({ id }, index) => {
      const described = scenario.instances[index] as Scenario["instances"][number];
      return [id, new SimulatedServer(described, time)] as const;
    }),
  );
  const took: number[] = [];
  const counts = new Map(instances.map(({ id }) => [id, 0]));
  let failed = 0;

  const begin = (index: number): void => {
    const cluster = clusters[Math.floor(draw() * callers)] as Cluster;
    const hints = { key: `user-${Math.floor(draw() * 10_000)}`, client: `10.0.${Math.floor(draw() * 1000)}` };
    const now = time.monotonic();
    const endpoint = cluster.pick("", hints, now);
    const server = servers.get(endpoint?.instance.id ?? "");
    if (endpoint === undefined || server === undefined) throw new Error("no instance was picked");
    const counted = index >= warmUpCalls;
    if (counted) counts.set(endpoint.instance.id, (counts.get(endpoint.instance.id) ?? 0) + 1);
    endpoint.started();
    let open = true;
    const end = (): void => {
      open = false;
      cancel();
      const ended = time.monotonic();
      endpoint.ended(ended - now, true, ended);
      if (!counted) return;
      took.push(ended - now);
      if (ended - now >= deadlineMs) failed++;
    };
    const cancel = time.timer(deadlineMs, end);
    server.serve({ needsMs: exponential(serviceMs, draw), wanted: () => open, answered: end });
  };

  let due = 0;
  for (let index = 0; index < calls; index++) {
    due += exponential(1000 / callsPerSecond, draw);
    time.runUntil(due);
    begin(index);
  }
  time.runUntil(due + deadlineMs);
  const mean = took.reduce((sum, each) => sum + each, 0) / took.length;
  return {
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
    mean,
    calls: [...counts.values()],
    failed: failed / took.length,
  };
}
