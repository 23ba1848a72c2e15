import { nameOf, type OpenDependencies } from "./open-dependencies.js";
import type { BuildContext, Parts, ServiceModule } from "./service.js";
import type { StartSteps } from "./start-steps.js";

/** A service that is built, and not started. */
export interface BuiltService {
  readonly module: ServiceModule;
  readonly parts: Parts;
}

export interface BuildOptions {
  readonly steps: StartSteps;
  readonly dependencies: OpenDependencies;
  readonly contextOf: (module: ServiceModule) => BuildContext<unknown>;
}

/** Opens what each service needs, in the order in which it names it, and builds the service from that; one after the other. */
export async function buildServices(modules: readonly ServiceModule[], options: BuildOptions): Promise<BuiltService[]> {
  const { steps, dependencies, contextOf } = options;
  const built: BuiltService[] = [];
  for (const module of modules) {
    const needs: Record<string, unknown> = {};
    for (const [name, dependency] of Object.entries(module.needs)) {
      const part = `dependency ${nameOf(dependency, module.name)}`;
      needs[name] = await steps.step(part, () => dependencies.get(dependency, module.name));
    }
    const parts = await steps.step(`service ${module.name}`, () => module.build({ ...needs, ...contextOf(module) }));
    built.push({ module, parts });
  }
  return built;
}
