import type { Instance, Registrar, Registration } from "@sampan/core/ports";

/** What a process serves, and where. */
export interface Served {
  /** Full name, such as `order.v1.OrderService`. */
  readonly service: string;
  readonly address: string;
}

/** This process as callers find it: in the registry under each service that it serves, from when it can be called until it leaves. */
export class Announcement {
  readonly #registrar: Registrar;
  readonly #instance: Omit<Instance, "address" | "health">;
  readonly #registrations: Registration[] = [];

  constructor(registrar: Registrar, instance: Omit<Instance, "address" | "health">) {
    this.#registrar = registrar;
    this.#instance = instance;
  }

  /** How many services callers find here. */
  get size(): number {
    return this.#registrations.length;
  }

  /** Rejects when the registry does not take one of them; those before it are left by `leave`. */
  async announce(served: readonly Served[]): Promise<void> {
    for (const { service, address } of served)
      this.#registrations.push(await this.#registrar.register(service, { ...this.#instance, address, health: "up" }));
  }

  async update(change: Partial<Pick<Instance, "health" | "weight" | "labels">>): Promise<void> {
    await Promise.all(this.#registrations.map((registration) => registration.update(change)));
  }

  /** Resolves when the registry has forgotten this process. */
  async leave(): Promise<void> {
    await Promise.all(this.#registrations.splice(0).map((registration) => registration.close()));
  }
}
