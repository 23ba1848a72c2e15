import type { Resolver } from "@sampan/core/ports";
import type { FollowingOptions } from "../following/following.js";
import { followingResolver } from "../following/following-resolver.js";
import type { Session } from "../following/source.js";
import type { MemoryRegistry } from "./memory-registry.js";

export function memoryResolver(registry: MemoryRegistry, options: FollowingOptions = {}): Resolver {
  const source = {
    async follow(service: string, session: Session): Promise<number> {
      const tell = (): void => session.tell(() => registry.instances(service));
      const watch = registry.watch(service, tell);
      try {
        tell();
        await session.ended();
      } finally {
        watch.close();
      }
      return 0;
    },
    close: async () => {},
  };
  return followingResolver("memory", source, options);
}
