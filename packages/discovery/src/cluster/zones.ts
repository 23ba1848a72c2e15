import type { EndpointState } from "./endpoint-state.js";

/** Where the calls of one zone go. */
export interface ZonePlan {
  readonly local: readonly EndpointState[];
  readonly remote: readonly EndpointState[];
  /** The share of calls, 0 to 1, that stays in the zone. */
  readonly localShare: number;
}

/**
 * Calls stay in their zone as far as its instances can carry them: a zone that has its fair part of all weight keeps
 * all its calls, one that has half of that keeps half, and the rest goes to the other zones. Callers are taken to be
 * spread evenly over zones.
 */
export function zonePlan(endpoints: readonly EndpointState[], zone: string): ZonePlan {
  const local = endpoints.filter(({ instance }) => instance.zone === zone);
  if (zone === "" || local.length === 0) return { local: [], remote: endpoints, localShare: 0 };
  const remote = endpoints.filter(({ instance }) => instance.zone !== zone);
  if (remote.length === 0) return { local, remote, localShare: 1 };
  const zones = new Set(endpoints.map(({ instance }) => instance.zone)).size;
  const fair = weightOf(endpoints) / zones;
  return { local, remote, localShare: Math.min(1, weightOf(local) / fair) };
}

function weightOf(endpoints: readonly EndpointState[]): number {
  return endpoints.reduce((sum, { instance }) => sum + instance.weight, 0);
}
