import type { Clock } from "@sampan/core";
import type { Addresses } from "./addresses.js";
import type { Dependency, DependencyContext } from "./dependency.js";
import type { ProcessLive } from "./live-settings/index.js";
import type { Runtimes } from "./runtimes.js";
import type { BuildContext, ServiceModule } from "./service.js";
import type { ServiceSettings } from "./service-settings.js";
import type { Telemetry } from "./telemetry.js";

export interface ContextsOptions {
  readonly settings: ServiceSettings;
  readonly live: ProcessLive;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly runtimes: Runtimes;
  readonly addresses: Addresses;
  readonly sagaBoundary: (point: string) => void;
}

/** What the process gives to each of its parts: its own settings, runtime and logger, and what all of them share. */
export class Contexts {
  readonly #options: ContextsOptions;

  constructor(options: ContextsOptions) {
    this.#options = options;
  }

  /** For opening a dependency. `service` is empty for one that the process shares, which then acts under its own name. */
  ofDependency(dependency: Dependency<unknown>, service: string): Omit<DependencyContext, "need"> {
    const { settings, clock, telemetry, runtimes, addresses } = this.#options;
    const owner = service === "" ? dependency.name : service;
    return {
      service,
      settings: settings.section(dependency.name),
      dataFolder: settings.process.data,
      sharedData: settings.process.sharedData,
      clock,
      meter: telemetry.meter,
      logger: telemetry.logger.child({ service: owner }),
      runtime: runtimes.of(owner),
      announce: (name, url) => addresses.add(name, url),
    };
  }

  /** For building a service, beside its needs. */
  ofService({ name }: ServiceModule): BuildContext<unknown> {
    const { settings, live, clock, telemetry, runtimes, addresses, sagaBoundary } = this.#options;
    return {
      settings: settings.section(name),
      live: live.view(name),
      clock,
      meter: telemetry.meter,
      logger: telemetry.logger.child({ service: name }),
      runtime: runtimes.of(name),
      edgeLayers: telemetry.serverLayers,
      sagaBoundary,
      addressOf: (edge) => addresses.get(edge),
    };
  }
}
