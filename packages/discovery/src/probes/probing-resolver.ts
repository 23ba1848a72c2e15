import { type Clock, systemClock } from "@sampan/core";
import type { Instance, Resolver, ResolverEvent, Watch } from "@sampan/core/ports";
import type { ProbeBoard } from "./board.js";
import { type ProbePolicy, probeClasses } from "./policy.js";
import { type Probe, Prober } from "./prober.js";

export interface ProbingOptions {
  /** A probe, which is also told what service the instance is of. */
  readonly probe: (...args: [...Parameters<Probe>, service: string]) => Promise<void>;
  /** By service; default: class P1. */
  readonly policy?: (service: string) => ProbePolicy;
  readonly board?: ProbeBoard | undefined;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** The name of this process; must differ from all others. */
  readonly owner: string;
}

/**
 * A registry with probes beside its leases: a lease can look alive while the service hangs. What the registry says goes
 * through, but an instance is up only while its lease lives, it calls itself neither down nor overloaded, and its probe
 * succeeds. Those of the first answer are taken at their word until they have been probed; later ones are not.
 */
export function probingResolver(inner: Resolver, options: ProbingOptions): Resolver {
  const probers = new Set<Prober>();
  return {
    watch(service, listener) {
      const watching = new Watching(inner, service, options, listener);
      probers.add(watching.prober);
      return {
        refresh: () => watching.refresh(),
        close: () => {
          probers.delete(watching.prober);
          watching.close();
        },
      };
    },
    close() {
      for (const prober of probers) prober.close();
      probers.clear();
      return inner.close();
    },
  };
}

class Watching {
  readonly prober: Prober;
  readonly #inner: Watch;
  readonly #listener: (event: ResolverEvent) => void;
  #instances: readonly Instance[] = [];
  /** Instances that were there at the first look. */
  #trusted: ReadonlySet<string> | undefined;
  #told = "";
  #closed = false;

  constructor(inner: Resolver, service: string, options: ProbingOptions, listener: (event: ResolverEvent) => void) {
    this.#listener = listener;
    this.prober = new Prober({
      service,
      probe: (instance, signal) => options.probe(instance, signal, service),
      policy: options.policy?.(service) ?? probeClasses.P1,
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
      board: options.board,
      owner: options.owner,
      changed: () => this.#tell(false),
    });
    this.#inner = inner.watch(service, (event) => this.#onEvent(event));
  }

  refresh(): void {
    this.#inner.refresh();
  }

  close(): void {
    this.#closed = true;
    this.#inner.close();
    this.prober.close();
  }

  #onEvent(event: ResolverEvent): void {
    if (this.#closed) return;
    if ("error" in event) {
      this.#listener(event);
      return;
    }
    this.#instances = event.instances;
    this.#trusted ??= new Set(event.instances.map(({ id }) => id));
    this.prober.update(event.instances);
    this.#tell(true);
  }

  #tell(always: boolean): void {
    if (this.#closed || this.#trusted === undefined) return;
    const instances = this.#instances.map((instance) => ({ ...instance, health: this.#healthOf(instance) }));
    const told = instances.map(({ id, health }) => `${id}\n${health}`).join("\n");
    if (!always && told === this.#told) return;
    this.#told = told;
    this.#listener({ instances });
  }

  #healthOf(instance: Instance): Instance["health"] {
    if (instance.health === "down" || instance.health === "overloaded") return instance.health;
    const verdict = this.prober.verdict(instance.id);
    if (verdict !== "unknown") return verdict;
    return this.#trusted?.has(instance.id) === true ? instance.health : "down";
  }
}
