import { seededRandom } from "@sampan/testkit";
import { exponential } from "../harness/samples.js";
import { VirtualTime } from "../harness/virtual-time.js";
import { MeasuredLimit } from "./measured-limit.js";

export interface Offered {
  readonly tenant: string;
  readonly perSecond: number;
}

export interface VirtualRun {
  readonly limit: string;
  readonly offered: readonly Offered[];
  /** Not counted: until bursts are used up, or a warm-up has ended. */
  readonly skipMs: number;
  readonly forMs: number;
}

export interface Passed {
  readonly offered: number;
  readonly passed: number;
}

/** Poisson arrivals of tenants against one limit, in virtual time; counts by tenant of the measured time. */
export async function runVirtual({ limit, offered, skipMs, forMs }: VirtualRun): Promise<Map<string, Passed>> {
  const time = new VirtualTime();
  const draw = seededRandom(11);
  const measured = new MeasuredLimit({ limit, clock: time });
  const counts = new Map(offered.map(({ tenant }) => [tenant, { offered: 0, passed: 0 }]));
  const counting = (): boolean => time.now() >= skipMs && time.now() < skipMs + forMs;
  measured.onBegin((tenant) => {
    const count = counts.get(tenant);
    if (counting() && count !== undefined) count.passed++;
  });
  const total = offered.reduce((sum, { perSecond }) => sum + perSecond, 0);
  for (let due = 0; due < skipMs + forMs; due += exponential(1000 / total, draw)) {
    while (time.next <= due) {
      time.runUntil(time.next);
      // Calls that waited begin in a microtask, and must not be counted as of a later time.
      await undefined;
    }
    time.runUntil(due);
    const tenant = tenantOf(offered, draw() * total);
    if (counting()) (counts.get(tenant) as { offered: number }).offered++;
    measured.arrive(tenant);
    await undefined;
  }
  measured.close();
  return counts;
}

function tenantOf(offered: readonly Offered[], place: number): string {
  let left = place;
  for (const { tenant, perSecond } of offered) {
    left -= perSecond;
    if (left < 0) return tenant;
  }
  return (offered.at(-1) as Offered).tenant;
}
