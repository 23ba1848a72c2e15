import type { Dependency } from "./dependency.js";
import type { ServiceModule } from "./service.js";

/**
 * Throws `TypeError` when two parts of a process would share a name, and with it a settings section, a data file or a
 * value: two services, a service and a dependency, or two dependencies that are not the same.
 */
export function requireDistinctNames(services: readonly ServiceModule[]): void {
  const serviceNames = new Set(["process", "config", "govern", "registry", "certificates", "access", "audit"]);
  for (const { name } of services) {
    if (serviceNames.has(name)) throw new TypeError(`two services of this process are named ${name}`);
    serviceNames.add(name);
  }
  const shared = new Map<string, Dependency<unknown>>();
  const settings = new Map<string, unknown>();
  for (const service of services) {
    const own = new Map<string, Dependency<unknown>>();
    for (const dependency of Object.values(service.needs) as Dependency<unknown>[]) {
      const { name } = dependency;
      if (serviceNames.has(name))
        throw new TypeError(`a dependency of ${service.name} is named like the service ${name}`);
      claim(dependency.lifetime === "process" ? shared : own, name, dependency, `two dependencies are named ${name}`);
      claim(settings, name, dependency.settings, `the dependencies named ${name} have different settings`);
    }
  }
}

function claim<T>(taken: Map<string, T>, name: string, value: T, problem: string): void {
  if (taken.has(name) && taken.get(name) !== value) throw new TypeError(problem);
  taken.set(name, value);
}
