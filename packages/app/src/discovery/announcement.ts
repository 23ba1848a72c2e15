import type { Instance, Registrar, Registration } from "@sampan/core/ports";

/** What a process serves, and where. */
export interface Served {
  /** Full name, such as `order.v1.OrderService`. */
  readonly service: string;
  readonly address: string;
}

/** This process as callers find it: in the registry under each service that it serves, from when it can be called until it leaves. */
export class Announcement {
  readonly #registrar: Registrar | undefined;
  readonly #instance: Omit<Instance, "address" | "health">;
  readonly #registrations: Registration[] = [];
  #served = 0;

  /** Without a registrar somebody else, such as Kubernetes, announces what this process serves. */
  constructor(registrar: Registrar | undefined, instance: Omit<Instance, "address" | "health">) {
    this.#registrar = registrar;
    this.#instance = instance;
  }

  /** How many services callers find here. */
  get size(): number {
    return this.#served;
  }

  /** Rejects when the registry does not take one of them; those before it are left by `leave`. */
  async announce(served: readonly Served[]): Promise<void> {
    for (const { service, address } of served) {
      const registration = await this.#registrar?.register(service, { ...this.#instance, address, health: "up" });
      if (registration !== undefined) this.#registrations.push(registration);
      this.#served++;
    }
  }

  async update(change: Partial<Pick<Instance, "health" | "weight" | "labels">>): Promise<void> {
    await Promise.all(this.#registrations.map((registration) => registration.update(change)));
  }

  /** Resolves when the registry has forgotten this process. */
  async leave(): Promise<void> {
    this.#served = 0;
    await Promise.all(this.#registrations.splice(0).map((registration) => registration.close()));
  }
}
