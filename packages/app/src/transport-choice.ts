import { type Clock, CoreErrors } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import type { Logger, Transport } from "@sampan/core/ports";
import { grpcTransport } from "@sampan/grpc";
import type { ProcessSettings } from "./process-settings.js";

/** How the services of a process reach each other, and those of other processes. */
export interface TransportChoice {
  readonly transport: Transport;
  /** Where a service listens, in the transport's notation; undefined when all of them are in this process. */
  readonly targetOf: ((service: string) => string) | undefined;
}

/** In memory, unless the settings say where this process listens, where others do, or who knows: then gRPC. */
export function chooseTransport(settings: ProcessSettings, clock: Clock, logger: Logger): TransportChoice {
  const { listen, targets, registry, verifyMessages } = settings;
  if (listen === "" && targets.length === 0 && registry === "") {
    return { transport: memoryTransport({ verify: verifyMessages }), targetOf: undefined };
  }
  const known = new Map(
    targets.map((target) => [target.slice(0, target.indexOf("=")), target.slice(target.indexOf("=") + 1)]),
  );
  return {
    transport: grpcTransport({ ...(listen === "" ? {} : { address: listen }), clock, logger, waitForReady: true }),
    targetOf(service) {
      const target = known.get(service);
      if (target === undefined) {
        throw CoreErrors.UNAVAILABLE({ service, why: "process.targets does not say where it listens" });
      }
      return target;
    },
  };
}
