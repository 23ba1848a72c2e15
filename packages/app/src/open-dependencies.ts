import type { Call } from "@sampan/core";
import type { CallDependency, Dependency, DependencyContext, Opened } from "./dependency.js";

/** Opens dependencies as they are asked for, each once for its lifetime, and closes them in reverse order. */
export class OpenDependencies {
  readonly #contextOf: (dependency: Dependency<unknown>, service: string) => DependencyContext;
  readonly #open = new Map<string, unknown>();
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];

  constructor(contextOf: (dependency: Dependency<unknown>, service: string) => DependencyContext) {
    this.#contextOf = contextOf;
  }

  /** Rejects with the error of `open`, its message preceded by the dependency's name. */
  async get(dependency: Dependency<unknown>, service: string): Promise<unknown> {
    const owner = dependency.lifetime === "process" ? "" : service;
    const context = this.#contextOf(dependency, owner);
    if (dependency.lifetime === "call") return perCall(dependency, context);
    const key = `${dependency.name}/${owner}`;
    if (this.#open.has(key)) return this.#open.get(key);
    const opened = await dependency.open(context);
    this.#open.set(key, opened.value);
    if (opened.close !== undefined) this.#closers.push({ name: key, close: opened.close });
    return opened.value;
  }

  /** Closes everything in reverse order. One that fails does not keep the others open; all failures are returned. */
  async close(): Promise<readonly unknown[]> {
    const failures: unknown[] = [];
    for (const { name, close } of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (cause) {
        failures.push(new Error(`${name} did not close`, { cause }));
      }
    }
    this.#open.clear();
    return failures;
  }
}

function perCall(dependency: CallDependency<unknown>, context: DependencyContext): (call: Call) => unknown {
  const open = new WeakMap<Call, Opened<unknown>>();
  return (call) => {
    let opened = open.get(call);
    if (opened === undefined) {
      opened = dependency.open(call, context);
      open.set(call, opened);
      const { close } = opened;
      if (close !== undefined) call.onSettle(() => void closeQuietly(close, context, dependency.name));
    }
    return opened.value;
  };
}

/** The call is over: nobody is left to tell but the log. */
async function closeQuietly(
  close: () => Promise<void> | void,
  context: DependencyContext,
  name: string,
): Promise<void> {
  try {
    await close();
  } catch (error) {
    context.logger.error("a dependency of a call did not close", { dependency: name, error });
  }
}
