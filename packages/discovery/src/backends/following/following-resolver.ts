import { type RpcError, silentLogger, systemClock } from "@sampan/core";
import type { Logger, Resolver, Watch } from "@sampan/core/ports";
import { DiscoveryErrors } from "../../channel/errors.js";
import { checkService } from "../../working-set/check-service.js";
import { Following, type FollowingOptions, type Listener } from "./following.js";
import type { InstanceSource } from "./source.js";

/**
 * A resolver over a source. Those who watch the same service share one session at the registry. A name that no registry
 * takes is told as an error once, and asked of nobody.
 */
export function followingResolver(registry: string, source: InstanceSource, options: FollowingOptions = {}): Resolver {
  const followed = new Map<string, Following>();
  let closed = false;
  const all: Required<FollowingOptions> = {
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    logger: options.logger ?? silentLogger,
    restarts: options.restarts ?? {},
    gatherMs: options.gatherMs ?? 20,
  };

  const follow = (service: string): Following => {
    let following = followed.get(service);
    if (following === undefined) {
      following = new Following(registry, service, source, all);
      followed.set(service, following);
    }
    return following;
  };

  return {
    watch(service, listener): Watch {
      if (closed) return { close: () => {}, refresh: () => {} };
      const why = checkService(service);
      if (why !== undefined)
        return refusedWatch(DiscoveryErrors.REGISTRY_FAILED({ registry, why }), listener, all.logger);
      const following = follow(service);
      // Its own function, so that the same listener may watch twice.
      const own: Listener = (event) => listener(event);
      following.add(own);
      let open = true;
      return {
        refresh: () => {
          if (open) following.refresh();
        },
        close: () => {
          if (!open) return;
          open = false;
          following.remove(own);
          if (following.watched) return;
          following.close();
          if (followed.get(service) === following) followed.delete(service);
        },
      };
    },
    async close() {
      closed = true;
      for (const following of followed.values()) following.close();
      followed.clear();
      await source.close();
    },
  };
}

function refusedWatch(refusal: RpcError, listener: Listener, logger: Logger): Watch {
  let open = true;
  queueMicrotask(() => {
    if (!open) return;
    try {
      listener({ error: refusal });
    } catch (error) {
      logger.error("a watcher of instances has thrown", { error });
    }
  });
  return {
    close: () => {
      open = false;
    },
    refresh: () => {},
  };
}
