import { Dispatcher, type Layer, type Service } from "@sampan/core";
import type { Listener, Transport } from "@sampan/core/ports";
import type { Addresses } from "./addresses.js";
import type { BuiltService } from "./build-services.js";
import type { Served } from "./discovery/announcement.js";
import type { Runtimes } from "./runtimes.js";
import type { OpenEdge, Runnable } from "./service.js";
import type { StartSteps } from "./start-steps.js";

/**
 * What has been started of the services. Kept as it starts, so that a start that fails half-way knows what to stop;
 * it belongs to the shut-down from then on.
 */
export class StartedParts {
  readonly listeners: { readonly name: string; readonly part: Listener; readonly serves: readonly Service[] }[] = [];
  readonly dispatchers: Dispatcher[] = [];
  readonly runs: { readonly name: string; readonly part: Runnable }[] = [];
  readonly edges: { readonly name: string; readonly part: OpenEdge }[] = [];
  readonly #steps: StartSteps;

  constructor(steps: StartSteps) {
    this.#steps = steps;
  }

  /** The services take calls. `layers` go around every method, outside the service's own. */
  async listen(
    built: readonly BuiltService[],
    options: {
      readonly transport: Pick<Transport, "listen">;
      readonly runtimes: Runtimes;
      readonly layers: readonly Layer[];
    },
  ): Promise<void> {
    for (const { module, parts } of built) {
      const { serves = [] } = parts;
      if (serves.length === 0) continue;
      const name = `listener of ${module.name}`;
      const part = await this.#steps.step(name, () => {
        const layers = [...options.layers, ...module.layers];
        const dispatcher = new Dispatcher(options.runtimes.of(module.name), serves, layers);
        this.dispatchers.push(dispatcher);
        return options.transport.listen(dispatcher);
      });
      this.listeners.push({ name, part, serves });
    }
  }

  /** The services' own work starts, when all of them can be called. */
  async startRuns(built: readonly BuiltService[]): Promise<void> {
    for (const { module, parts } of built) {
      for (const [index, part] of (parts.runs ?? []).entries()) {
        await this.startRun(`work ${index + 1} of ${module.name}`, part);
      }
    }
  }

  async startRun(name: string, part: Runnable): Promise<void> {
    await this.#steps.step(name, () => {
      // Before it starts, because one that fails to start may have begun something.
      this.runs.push({ name, part });
      return part.start();
    });
  }

  /** What can be called now, and where. */
  get served(): readonly Served[] {
    return this.listeners.flatMap(({ part, serves }) =>
      serves.map(({ desc }) => ({ service: desc.typeName, address: part.address })),
    );
  }

  /** The doors to the outside open, last. */
  async openEdges(built: readonly BuiltService[], addresses: Addresses): Promise<void> {
    for (const { module, parts } of built) {
      for (const edge of parts.edges ?? []) {
        const name = `edge ${edge.name} of ${module.name}`;
        const part = await this.#steps.step(name, () => edge.listen());
        this.edges.push({ name, part });
        addresses.add(edge.name, part.url);
      }
    }
  }
}
