import type { Dependency, DependencyContext, SingletonDependency } from "./dependency.js";
import { PerCall } from "./per-call.js";
import type { Closer } from "./shut-down.js";

type ContextOf = (dependency: Dependency<unknown>, service: string) => Omit<DependencyContext, "need">;

/** Opens dependencies as they are asked for, each once for its lifetime, and knows in which order they close. */
export class OpenDependencies {
  readonly #contextOf: ContextOf;
  readonly #open = new Map<string, unknown>();
  readonly #closers: Closer[] = [];
  readonly #perCall = new PerCall();

  /** `contextOf` gets an empty service name for a dependency that the process shares. */
  constructor(contextOf: ContextOf) {
    this.#contextOf = contextOf;
  }

  /** The value, or for lifetime `call` the function that gives it. Rejects as `open` does. */
  async get(dependency: Dependency<unknown>, service: string): Promise<unknown> {
    const owner = dependency.lifetime === "process" ? "" : service;
    const need = <T>(other: SingletonDependency<T>): Promise<T> => this.get(other, "") as Promise<T>;
    const context: DependencyContext = { ...this.#contextOf(dependency, owner), need };
    if (dependency.lifetime === "call") return this.#perCall.provide(dependency, context);
    const name = nameOf(dependency, service);
    if (this.#open.has(name)) return this.#open.get(name);
    const { value, close } = await dependency.open(context);
    this.#open.set(name, value);
    if (close !== undefined) this.#closers.push({ name, close: () => close() });
    return value;
  }

  /** What calls have, then everything else in the reverse of the order in which it was opened. */
  closers(): readonly Closer[] {
    return [{ name: "the dependencies of calls", close: () => this.#perCall.closed() }, ...this.#closers.toReversed()];
  }
}

/** As messages call it: `platform`, `sql of order`. */
export function nameOf(dependency: Dependency<unknown>, service: string): string {
  return dependency.lifetime === "process" ? dependency.name : `${dependency.name} of ${service}`;
}
