import { type Clock, CoreErrors } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import type { Channel, Logger, Transport } from "@sampan/core/ports";
import { grpcTransport } from "@sampan/grpc";
import { CallingTransports } from "./calling-transports.js";
import type { ProcessCertificates } from "./certificates/index.js";
import type { ProcessSettings } from "./process-settings.js";

/** How the services of a process reach each other, and those of other processes. */
export interface TransportChoice {
  /** What they listen on. */
  readonly transport: Pick<Transport, "listen">;
  /** The channel to a service by its full name. Throws `UNAVAILABLE` for one that nobody has placed. */
  readonly connect: (service: string) => Channel;
  /** All services that are called are in this process. */
  readonly isMemory: boolean;
  close(): Promise<void>;
}

/** What a caller of `run` has chosen otherwise. */
export interface GivenTransport {
  readonly transport?: Transport | undefined;
  /** Where a service listens that does not run here, in the transport's notation. */
  readonly targetOf?: ((service: string) => string) | undefined;
}

/**
 * In memory, unless the settings say where this process listens, where others do, or who knows: then gRPC, with mTLS
 * when the process has certificates.
 */
export function chooseTransport(
  settings: ProcessSettings,
  options: {
    readonly clock: Clock;
    readonly logger: Logger;
    readonly certificates: ProcessCertificates | undefined;
    readonly given?: GivenTransport;
  },
): TransportChoice {
  const { clock, logger, certificates, given = {} } = options;
  const { listen, targets, registry, verifyMessages } = settings;
  const isGrpc = listen !== "" || targets.length > 0 || registry !== "";
  const targetOf = given.targetOf ?? (isGrpc ? placedBy(targets) : undefined);
  const isMemory = targetOf === undefined;
  const one = given.transport ?? (isGrpc ? undefined : memoryTransport({ verify: verifyMessages }));
  if (one !== undefined) {
    const connect = (service: string): Channel => one.connect(targetOf?.(service) ?? service);
    return { transport: one, connect, isMemory, close: () => one.close() };
  }
  const server = certificates === undefined ? {} : { tls: { server: certificates.serverTls } };
  const listening = grpcTransport({ ...(listen === "" ? {} : { address: listen }), clock, logger, ...server });
  const calling = new CallingTransports({ clock, logger, waitForReady: true }, certificates);
  return {
    transport: listening,
    connect: (service) => calling.connect(service, targetOf?.(service) ?? service),
    isMemory,
    async close() {
      await Promise.all([listening.close(), calling.close()]);
    },
  };
}

/** By `process.targets`. */
function placedBy(targets: readonly string[]): (service: string) => string {
  const known = new Map(
    targets.map((target) => [target.slice(0, target.indexOf("=")), target.slice(target.indexOf("=") + 1)]),
  );
  return (service) => {
    const target = known.get(service);
    if (target !== undefined) return target;
    throw CoreErrors.UNAVAILABLE({ service, why: "process.targets does not say where it listens" });
  };
}
