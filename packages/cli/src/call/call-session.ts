import { type Call, Runtime } from "@sampan/core";
import type { Transport } from "@sampan/core/ports";
import { ReflectionClient } from "./reflection-client.js";

/** Longer than any call may take: calls have deadlines of their own. */
const sessionMs = 172_800_000;
const reflectionMs = 20_000;

/** The servers that one command talks to, and everything that it does there, so that it can be cancelled. */
export class CallSession {
  readonly #transport: Transport;
  readonly #tenant: string;
  readonly #runtimes = new Map<string, Runtime>();
  readonly #reflections = new Map<string, ReflectionClient>();
  readonly #roots = new Set<Call>();
  #cancelled = false;

  /** Owns the transport. */
  constructor(transport: Transport, tenant: string) {
    this.#transport = transport;
    this.#tenant = tenant;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  reflection(target: string): ReflectionClient {
    let reflection = this.#reflections.get(target);
    if (reflection === undefined) {
      reflection = new ReflectionClient(this.#root(target, "reflection", reflectionMs));
      this.#reflections.set(target, reflection);
    }
    return reflection;
  }

  /** What a call to the target is made below. */
  root(target: string): Call {
    return this.#root(target, "call", sessionMs);
  }

  /** Everything that is open ends with CANCELLED, and so does what is begun after that. */
  cancel(): void {
    this.#cancelled = true;
    for (const root of this.#roots) root.abort();
  }

  async close(): Promise<void> {
    for (const root of this.#roots) root.settle();
    await this.#transport.close();
  }

  #root(target: string, name: string, timeoutMs: number): Call {
    let runtime = this.#runtimes.get(target);
    if (runtime === undefined) {
      const channel = this.#transport.connect(target);
      runtime = new Runtime({ name: "sampan-call", connect: () => channel });
      this.#runtimes.set(target, runtime);
    }
    const origin = { tenant: this.#tenant, releaseTag: "", traceparent: "" };
    const root = runtime.root({ name, timeoutMs, origin });
    this.#roots.add(root);
    if (this.#cancelled) root.abort();
    return root;
  }
}
