import { Code, RpcError, type Runtime } from "@sampan/core";
import type { Instance, Registrar, Registration } from "@sampan/core/ports";
import { checkInstance, DiscoveryErrors } from "@sampan/discovery";
import { isServiceName } from "./registry-book.js";
import { RemoteRegistration } from "./remote-registration.js";

export interface RemoteRegistrarOptions {
  readonly runtime: Runtime;
  /** How long an instance stays whose call has broken without its process having ended, in ms. Default 5000. */
  readonly ttlMs?: number;
}

/** Announces instances to the registry of another process; the runtime's channel to `RegistryService` decides where it is. */
export function remoteRegistrar({ runtime, ttlMs = 5_000 }: RemoteRegistrarOptions): Registrar {
  const open = new Set<RemoteRegistration>();
  let over = false;
  return {
    async register(service: string, instance: Instance): Promise<Registration> {
      if (over) throw new RpcError(Code.Unavailable, "the registrar is closed");
      const why = isServiceName(service) ? checkInstance(instance) : "its service has no usable name";
      if (why !== undefined) throw DiscoveryErrors.INSTANCE_INVALID({ service, why });
      const registration = new RemoteRegistration(runtime, service, instance, ttlMs);
      open.add(registration);
      try {
        await registration.settled(runtime.defaultTimeoutMs);
      } catch (error) {
        open.delete(registration);
        await registration.close();
        throw error;
      }
      return {
        update: (change) => registration.update(change),
        close() {
          open.delete(registration);
          return registration.close();
        },
      };
    },
    async close() {
      over = true;
      await Promise.all([...open].map((registration) => registration.close()));
      open.clear();
    },
  };
}
