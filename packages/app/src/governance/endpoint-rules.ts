import type { Call, Method } from "@sampan/core";
import type { PickHints, Resolver } from "@sampan/core/ports";
import type { BalancerName, ClusterOptions, EndpointObserver } from "@sampan/discovery";
import type { EndpointRules } from "@sampan/govern";

/** What the rules say of a cluster, over what its process says. */
export function clusterOptions(rules: EndpointRules | undefined, own: ClusterOptions): ClusterOptions {
  const said = rules?.balancing;
  if (said === undefined) return own;
  const { policy, subsetSize, zoneAware, slowStart, panicThreshold } = said;
  return {
    ...own,
    balancer: policy as BalancerName,
    subsetSize,
    slowStart,
    panic: { threshold: panicThreshold },
    ...(zoneAware ? {} : { zone: "" }),
  };
}

/** What a hash balancer goes by: what the rule says, else the user, else the tenant. */
export function hintsBy(rules: EndpointRules): (request: unknown, call: Call, method: Method) => PickHints {
  // Reused: read by the pick that it was made for and by nobody else.
  const hints = { key: "", client: "" };
  return (_, call, method) => {
    hints.key = rules.key(call, method) ?? call.user?.subject ?? (call.tenant === "default" ? "" : call.tenant);
    return hints;
  };
}

/** The same resolver, which tells the rules of a service which instances there are, so that they forget the others. */
export function tellingResolver(resolver: Resolver, rules: EndpointRules): Resolver {
  return {
    watch: (service, listener) =>
      resolver.watch(service, (event) => {
        // An empty registry is not believed: the last set stays in use.
        if ("instances" in event && event.instances.length > 0)
          rules.retain(new Set(event.instances.map(({ address }) => address)));
        listener(event);
      }),
    close: () => resolver.close(),
  };
}

/** Asks both, and tells both. */
export function bothObservers(
  a: EndpointObserver | undefined,
  b: EndpointObserver | undefined,
): EndpointObserver | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    healthy: (address, now) => a.healthy(address, now) && b.healthy(address, now),
    outcome(address, ok, tookMs, now) {
      a.outcome(address, ok, tookMs, now);
      b.outcome(address, ok, tookMs, now);
    },
  };
}
