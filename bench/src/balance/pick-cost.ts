import { type BalancerName, Cluster } from "@sampan/discovery";
import { seededRandom } from "@sampan/testkit";
import { instanceAt } from "./instances.js";

const picks = 50_000;
const rounds = 12;

/**
 * What it costs to choose an endpoint of a cluster of this size and to count the call there, ns: the best of several
 * rounds. Eight calls are in flight, and answer times differ.
 */
export function pickCost(balancer: BalancerName, endpoints: number): number {
  const cluster = new Cluster({ balancer, random: seededRandom(3) });
  cluster.update(
    Array.from({ length: endpoints }, (_, index) => instanceAt(index)),
    0,
  );
  const keys = Array.from({ length: 1024 }, (_, index) => ({ key: `user-${index}`, client: `10.1.2.${index}` }));
  const inFlight: NonNullable<ReturnType<Cluster["pick"]>>[] = [];
  let now = 0;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    for (let i = 0; i < picks; i++) {
      now += 0.1;
      const endpoint = cluster.pick("", keys[i & 1023] as (typeof keys)[number], now);
      if (endpoint === undefined) throw new Error("no instance was picked");
      endpoint.started();
      const place = i & 7;
      inFlight[place]?.ended(1 + (i % 17), true, now);
      inFlight[place] = endpoint;
    }
    best = Math.min(best, performance.now() - began);
  }
  return (best * 1e6) / picks;
}
