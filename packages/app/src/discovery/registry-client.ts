import type { Runtime } from "@sampan/core";
import type { Registrar, Resolver } from "@sampan/core/ports";
import type { ProbeBoard } from "@sampan/discovery";
import { remoteBoard } from "../remote-registry/remote-board.js";
import { remoteRegistrar } from "../remote-registry/remote-registrar.js";
import { remoteResolver } from "../remote-registry/remote-resolver.js";

/** A registry as a process uses it. */
export interface RegistryClient {
  readonly resolver: Resolver;
  readonly registrar: Registrar;
  /** Without one every process probes for itself. */
  readonly board: ProbeBoard | undefined;
}

/** What opening a registry may use. */
export interface RegistryContext {
  /** A runtime whose calls go to this target, whatever service they name. */
  readonly runtimeTo: (target: string) => Runtime;
}

/** How each kind of registry is opened; the key is what `process.registry` begins with, `address` what follows. */
const kinds: Readonly<Record<string, (address: string, context: RegistryContext) => RegistryClient>> = {
  sampan(address, { runtimeTo }) {
    const runtime = runtimeTo(address);
    return {
      resolver: remoteResolver(runtime),
      registrar: remoteRegistrar({ runtime }),
      board: remoteBoard(runtime),
    };
  },
};

/** Opens what `process.registry` names, such as `sampan:unix:/run/supervisor`. Throws `TypeError` for a kind that is unknown. */
export function openRegistry(registry: string, context: RegistryContext): RegistryClient {
  const colon = registry.indexOf(":");
  const open = kinds[registry.slice(0, colon)];
  if (open === undefined) throw new TypeError(`process.registry ${registry}: no such kind of registry`);
  return open(registry.slice(colon + 1), context);
}
