import { type Clock, silentLogger, systemClock } from "@sampan/core";
import type { Instance, Logger, Registrar, Registration } from "@sampan/core/ports";
import { reasonOf } from "@sampan/engines";
import { DiscoveryErrors } from "../channel/errors.js";
import { checkInstance } from "../working-set/check-instance.js";
import { checkService } from "../working-set/check-service.js";
import { LeaseKeeper } from "./lease-keeper.js";
import type { LeaseTimes } from "./lease-plan.js";
import type { Announcement, LeaseBackend } from "./lease-port.js";

export interface LeaseRegistrarOptions {
  readonly times: LeaseTimes;
  readonly clock?: Clock | undefined;
  readonly random?: (() => number) | undefined;
  readonly logger?: Logger | undefined;
  /** For taking an instance out at the end, in ms. Default 3000. */
  readonly dropWithinMs?: number | undefined;
}

/** Renews leases in the thread that it is used in. `workerRegistrar` is this in a thread of its own. */
export class LeaseRegistrar implements Registrar {
  readonly #backend: LeaseBackend;
  readonly #options: LeaseRegistrarOptions;
  readonly #keepers = new Set<LeaseKeeper>();
  #overloaded = false;
  #closed = false;

  constructor(backend: LeaseBackend, options: LeaseRegistrarOptions) {
    this.#backend = backend;
    this.#options = options;
  }

  async register(service: string, instance: Instance): Promise<Registration> {
    this.#check({ service, instance });
    if (this.#closed) throw this.#failed(new Error("the registrar is closed"));
    const keeper = new LeaseKeeper({ service, instance }, this.#backend.open(), {
      clock: this.#options.clock ?? systemClock,
      random: this.#options.random ?? Math.random,
      logger: this.#options.logger ?? silentLogger,
      times: this.#options.times,
      ...(this.#options.dropWithinMs === undefined ? {} : { dropWithinMs: this.#options.dropWithinMs }),
    });
    this.#keepers.add(keeper);
    keeper.overloaded(this.#overloaded);
    try {
      await keeper.taken();
    } catch (error) {
      this.#keepers.delete(keeper);
      throw this.#failed(error);
    }
    return this.#registration(service, instance, keeper);
  }

  /** The event loop that all instances here depend on is blocked, or turns again. */
  overloaded(is: boolean): void {
    this.#overloaded = is;
    for (const keeper of this.#keepers) keeper.overloaded(is);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const keepers = [...this.#keepers];
    this.#keepers.clear();
    await Promise.all(keepers.map((keeper) => keeper.close()));
    this.#backend.close();
  }

  #registration(service: string, instance: Instance, keeper: LeaseKeeper): Registration {
    let announced = instance;
    return {
      update: async (change) => {
        const next = { ...announced, ...change };
        this.#check({ service, instance: next });
        announced = next;
        await keeper.update(next).catch((error) => {
          throw this.#failed(error);
        });
      },
      close: async () => {
        this.#keepers.delete(keeper);
        await keeper.close();
      },
    };
  }

  #check(announcement: Announcement): void {
    const { service, instance } = announcement;
    const why = checkService(service) ?? checkInstance(instance) ?? this.#backend.refusal(announcement);
    if (why !== undefined) throw DiscoveryErrors.INSTANCE_INVALID({ service, why });
  }

  #failed(error: unknown): Error {
    return DiscoveryErrors.REGISTRY_FAILED(
      { registry: this.#backend.registry, why: reasonOf(error) },
      { cause: error },
    );
  }
}
