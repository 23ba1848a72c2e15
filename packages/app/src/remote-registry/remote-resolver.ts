import type { Runtime } from "@sampan/core";
import type { Resolver, ResolverEvent, Watch } from "@sampan/core/ports";
import { DiscoveryErrors } from "@sampan/discovery";
import type { WatchResponse } from "@sampan/protos/sampan/registry/v1/registry_pb.js";
import { LastingStream } from "./lasting-stream.js";
import { instanceFromWire } from "./registry-message.js";

/** Finds instances in the registry of another process; the runtime's channel to `RegistryService` decides where it is. */
export function remoteResolver(runtime: Runtime): Resolver {
  const open = new Set<LastingStream<WatchResponse>>();
  let over = false;
  return {
    watch(service: string, listener: (event: ResolverEvent) => void): Watch {
      let closed = over;
      const tell = (event: ResolverEvent): void => {
        if (closed || over) return;
        try {
          listener(event);
        } catch (error) {
          runtime.logger.error("a listener to a registry threw", { service, error });
        }
      };
      const stream = new LastingStream<WatchResponse>({
        runtime,
        name: `registry/watch/${service}`,
        open: (client) => client.watch({ service }),
        take: ({ instances }) => tell({ instances: instances.map(instanceFromWire) }),
        broken: (cause) =>
          tell({
            error: DiscoveryErrors.REGISTRY_FAILED({ registry: "of the supervisor", why: cause.message }, { cause }),
          }),
      });
      if (closed) void stream.close();
      else open.add(stream);
      return {
        close() {
          closed = true;
          open.delete(stream);
          void stream.close();
        },
        refresh: () => stream.hurry(),
      };
    },
    async close() {
      over = true;
      await Promise.all([...open].map((stream) => stream.close()));
      open.clear();
    },
  };
}
