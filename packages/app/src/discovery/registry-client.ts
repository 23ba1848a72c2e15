import type { Clock, Runtime } from "@sampan/core";
import type { Logger, Registrar, Resolver } from "@sampan/core/ports";
import type { ProbeBoard } from "@sampan/discovery";
import { consulRegistrar, consulResolver } from "@sampan/discovery/consul";
import { dnsResolver } from "@sampan/discovery/dns";
import { etcdProbeBoard, etcdRegistrar, etcdResolver } from "@sampan/discovery/etcd";
import { kubernetesResolver } from "@sampan/discovery/kubernetes";
import { nacosRegistrar, nacosResolver } from "@sampan/discovery/nacos";
import { remoteBoard } from "../remote-registry/remote-board.js";
import { remoteRegistrar } from "../remote-registry/remote-registrar.js";
import { remoteResolver } from "../remote-registry/remote-resolver.js";
import type { RegistryPlan } from "./registry/registry-plan.js";

/** A registry as a process uses it. */
export interface RegistryClient {
  readonly resolver: Resolver;
  /** Undefined where somebody else announces instances. */
  readonly registrar: Registrar | undefined;
  /** Without one every process probes for itself. */
  readonly board: ProbeBoard | undefined;
}

/** What opening a registry may use. */
export interface RegistryContext {
  readonly clock: Clock;
  readonly logger: Logger;
  /** A runtime whose calls go to this target, whatever service they name. */
  readonly runtimeTo: (target: string) => Runtime;
}

/** Connects when it is first asked. The leases of etcd, Consul and Nacos are renewed in a thread of their own. */
export function openRegistry(plan: RegistryPlan, { clock, logger, runtimeTo }: RegistryContext): RegistryClient {
  const options = { clock, logger };
  const none = { registrar: undefined, board: undefined };
  switch (plan.kind) {
    case "sampan": {
      const runtime = runtimeTo(plan.target);
      return {
        resolver: remoteResolver(runtime),
        registrar: remoteRegistrar({ runtime }),
        board: remoteBoard(runtime),
      };
    }
    case "etcd": {
      const { settings } = plan;
      return {
        resolver: etcdResolver(settings, options),
        registrar: etcdRegistrar(settings, { logger }),
        board: etcdProbeBoard(settings, options),
      };
    }
    case "consul": {
      const { settings } = plan;
      return { ...none, resolver: consulResolver(settings, options), registrar: consulRegistrar(settings, { logger }) };
    }
    case "nacos": {
      const { settings } = plan;
      return { ...none, resolver: nacosResolver(settings, options), registrar: nacosRegistrar(settings, { logger }) };
    }
    case "kubernetes":
      return { ...none, resolver: kubernetesResolver(plan.settings, options) };
    case "dns":
      return { ...none, resolver: dnsResolver({ ...options, nameOf: plan.nameOf, servers: plan.servers }) };
  }
}
