import { type Call, CoreErrors } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { CallDependency, DependencyContext, Opened } from "./dependency.js";

/**
 * Makes a dependency once for each call that asks for it, and closes it when the call settles, however that ends.
 * `open` may be asked again after it threw. A call that has settled gets nothing: nobody would close it.
 */
export class PerCall {
  readonly #closing = new Set<Promise<void>>();

  /** What a service gets for such a need. */
  provide<T>(dependency: CallDependency<T>, context: DependencyContext): (call: Call) => T {
    const made = new WeakMap<Call, Opened<T>>();
    return (call) => {
      const existing = made.get(call);
      if (existing !== undefined) return existing.value;
      if (call.settled)
        throw (
          call.error ??
          CoreErrors.CANCELLED({ method: call.name, why: `it asked for ${dependency.name} after its end` })
        );
      const opened = dependency.open(call, context);
      made.set(call, opened);
      const { close } = opened;
      if (close !== undefined) call.onSettle(() => this.#close(dependency.name, close, context.logger));
      return opened.value;
    };
  }

  /** Resolves when everything is closed whose call has settled: what is shared by calls is closed after that. */
  async closed(): Promise<void> {
    while (this.#closing.size > 0) await Promise.all(this.#closing);
  }

  #close(name: string, close: () => Promise<void> | void, logger: Logger): void {
    const closing = (async () => close())().catch((error: unknown) => {
      // The call is over: nobody is left to tell but the log.
      logger.error("a dependency of a call did not close", { dependency: name, error });
    });
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
  }
}
