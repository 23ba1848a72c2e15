import type { Instance, Resolver } from "@sampan/core/ports";
import { DiscoveryErrors } from "../../channel/errors.js";
import { checkInstance } from "../../working-set/check-instance.js";
import type { FollowingOptions } from "../following/following.js";
import { followingResolver } from "../following/following-resolver.js";
import type { Session } from "../following/source.js";

/** An address alone, or with whatever differs from an ordinary instance. */
export type StaticInstance = string | (Partial<Instance> & Pick<Instance, "address">);

/**
 * Instances that somebody wrote into the settings. Throws `INSTANCE_INVALID` for one that nobody could call: settings are
 * checked when they are read, not when they are used.
 */
export function staticResolver(
  services: Readonly<Record<string, readonly StaticInstance[]>>,
  options: FollowingOptions = {},
): Resolver {
  const known = new Map(Object.entries(services).map(([service, written]) => [service, read(service, written)]));
  const source = {
    async follow(service: string, session: Session): Promise<number> {
      const instances = known.get(service);
      if (instances === undefined)
        throw DiscoveryErrors.NO_INSTANCES({ service, why: "the settings have no addresses of it" });
      session.tell(() => instances);
      await session.ended();
      return 0;
    },
    close: async () => {},
  };
  return followingResolver("settings", source, options);
}

function read(service: string, written: readonly StaticInstance[]): readonly Instance[] {
  const instances = written.map((each): Instance => {
    const given = typeof each === "string" ? { address: each } : each;
    // The address is what tells two instances apart when nobody gave them names.
    const defaults = { id: given.address, zone: "", weight: 100, version: "", labels: {}, health: "up" as const };
    return { ...defaults, ...given };
  });
  const invalid = (why: string) => DiscoveryErrors.INSTANCE_INVALID({ service, why });
  for (const instance of instances) {
    const why = checkInstance(instance);
    if (why !== undefined) throw invalid(why);
  }
  const twice = instances.find(({ id }, at) => instances.findIndex((other) => other.id === id) !== at);
  if (twice !== undefined) throw invalid(`${twice.id} is there twice`);
  return instances;
}
