import assert from "node:assert/strict";
import { test } from "node:test";
import { Code, RpcError } from "@sampan/core";
import type { Instance, Registrar, Registration, Resolver } from "@sampan/core/ports";
import { watched } from "./watched-instances.js";

export interface RegistryUnderTest {
  readonly resolver: Resolver;
  /** Undefined for a registry that others announce to. */
  readonly registrar?: Registrar;
  /** Makes these the instances of a service, in a registry without registrar. */
  announce?(service: string, instances: readonly Instance[]): Promise<void>;
  /** What the registry can say of an instance beside id and address. Default: everything. */
  readonly carries?: readonly ("zone" | "weight" | "version" | "labels" | "health")[];
  /** The registry cannot be reached from now on, and can again. */
  outage?(): Promise<void>;
  recovery?(): Promise<void>;
  /** The registry loses all leases, as if it had been restarted empty. */
  forget?(): Promise<void>;
  dispose(): Promise<void>;
}

type Behaves = (behaviour: string, run: (subject: RegistryUnderTest, made: Made) => Promise<void>) => void;

/** Which parts of the contract a registry can be held to; the others are not registered. */
export interface RegistryTraits {
  /** It has a registrar. */
  readonly registers?: boolean;
  /** The test can make it unreachable (`outage`, `recovery`). */
  readonly fails?: boolean;
  /** The test can make it lose its leases (`forget`). */
  readonly forgets?: boolean;
}

/** What every resolver and registrar does: registers tests with `node:test`. */
export function registryContract(name: string, traits: RegistryTraits, open: () => Promise<RegistryUnderTest>): void {
  const behaves: Behaves = (behaviour, run) => {
    test(`${name}: ${behaviour}`, async () => {
      const subject = await open();
      try {
        await run(subject, new Made(subject));
      } finally {
        await subject.dispose();
      }
    });
  };
  resolverContract(behaves);
  if (traits.fails) failureContract(behaves);
  if (traits.registers) registrarContract(behaves);
  if (traits.forgets) forgettingContract(behaves);
}

/** An ordinary instance; its number is in its address. */
export function contractInstance(number: number, change: Partial<Instance> = {}): Instance {
  const address = `ipv4:127.0.9.${number}:50051`;
  const base = { zone: "", weight: 100, version: "", labels: {}, health: "up" as const };
  return { id: address, address, ...base, ...change };
}

/** Announces by whatever way the registry has. */
class Made {
  readonly #subject: RegistryUnderTest;
  readonly #registrations = new Map<string, Registration>();

  constructor(subject: RegistryUnderTest) {
    this.#subject = subject;
  }

  async set(service: string, ...instances: readonly Instance[]): Promise<void> {
    const { registrar, announce } = this.#subject;
    if (registrar === undefined) {
      await announce?.call(this.#subject, service, instances);
      return;
    }
    for (const [id, registration] of this.#registrations)
      if (!instances.some((instance) => instance.id === id)) {
        await registration.close();
        this.#registrations.delete(id);
      }
    for (const instance of instances)
      if (!this.#registrations.has(instance.id))
        this.#registrations.set(instance.id, await registrar.register(service, instance));
  }
}

const [one, two, three] = [contractInstance(1), contractInstance(2), contractInstance(3)];

function resolverContract(behaves: Behaves): void {
  behaves("tells soon, but never within watch, also of a service that nobody knows", async ({ resolver }) => {
    let told = 0;
    const watch = resolver.watch("nobody", () => void told++);
    assert.equal(told, 0);
    const second = watched(resolver, "nobody");
    await second.first();
    assert.ok(told > 0);
    second.close();
    watch.close();
  });

  behaves("tells the full set when it changes", async ({ resolver }, made) => {
    await made.set("order", one, two);
    const seen = watched(resolver, "order");
    await seen.are(one, two);
    await made.set("order", two, three);
    seen.refresh();
    await seen.are(two, three);
    await made.set("order", two);
    seen.refresh();
    await seen.are(two);
    seen.close();
  });

  behaves("keeps services apart", async ({ resolver }, made) => {
    await made.set("order", one);
    const other = watched(resolver, "order-2");
    await other.first();
    const seen = watched(resolver, "order");
    await seen.are(one);
    assert.deepEqual(other.instances ?? [], []);
    other.close();
    seen.close();
  });

  behaves("serves many who watch the same service, and ends for each apart", async ({ resolver }, made) => {
    await made.set("order", one);
    const first = watched(resolver, "order");
    await first.are(one);
    const late = watched(resolver, "order");
    await late.are(one);
    first.close();
    const before = first.events;
    await made.set("order", one, two);
    late.refresh();
    await late.are(one, two);
    assert.equal(first.events, before, "nothing is told after close");
    late.close();
  });

  behaves("goes on when one who watches throws", async ({ resolver }, made) => {
    await made.set("order", one);
    const bad = resolver.watch("order", () => {
      throw new Error("a listener's own error");
    });
    const seen = watched(resolver, "order");
    await seen.are(one);
    bad.close();
    seen.close();
  });

  behaves("bears any number of refreshes and closes", async ({ resolver }, made) => {
    await made.set("order", one);
    const seen = watched(resolver, "order");
    for (let i = 0; i < 100; i++) seen.refresh();
    await seen.are(one);
    for (let i = 0; i < 100; i++) seen.refresh();
    await made.set("order", two);
    await seen.are(two);
    seen.close();
    seen.close();
    seen.refresh();
  });

  behaves("is silent once it is closed", async ({ resolver }, made) => {
    await made.set("order", one);
    const seen = watched(resolver, "order");
    await seen.are(one);
    await resolver.close();
    const before = seen.events;
    await made.set("order", two);
    seen.refresh();
    resolver.watch("order", () => assert.fail("told after close")).close();
    assert.equal(seen.events, before);
    await resolver.close();
  });

  behaves("tells what the registry can say of an instance", async (subject, made) => {
    const { resolver, carries = ["zone", "weight", "version", "labels", "health"] } = subject;
    const all = {
      zone: "hz-b",
      weight: 250,
      version: "canary",
      labels: { tier: "gold", 地区: '杭州 "1"' },
      health: "down" as const,
    };
    const carried = Object.fromEntries(carries.map((field) => [field, all[field]]));
    const instance = contractInstance(4, carried);
    await made.set("order", instance);
    const seen = watched(resolver, "order");
    await seen.are(instance);
    seen.close();
  });
}

function failureContract(behaves: Behaves): void {
  behaves("tells a failure, and the set when it is over", async (subject, made) => {
    assert.ok(subject.outage);
    await made.set("order", one);
    const seen = watched(subject.resolver, "order");
    await seen.are(one);
    await subject.outage();
    seen.refresh();
    const error = await seen.error();
    assert.equal(error.code, Code.Unavailable);
    assert.equal(error.reason, "REGISTRY_FAILED");
    const blind = watched(subject.resolver, "order");
    await blind.error();
    await subject.recovery?.();
    await seen.are(one);
    await blind.are(one);
    seen.close();
    blind.close();
  });
}

function registrarContract(behaves: Behaves): void {
  behaves("an instance is there when register has resolved, and gone after close", async ({ resolver, registrar }) => {
    assert.ok(registrar);
    const registration = await registrar.register("order", one);
    const seen = watched(resolver, "order");
    await seen.are(one);
    await registration.close();
    await registration.close();
    await seen.are();
    seen.close();
  });

  behaves("refuses what nobody could call", async ({ registrar }) => {
    assert.ok(registrar);
    const refused = (error: unknown) => error instanceof RpcError && error.reason === "INSTANCE_INVALID";
    await assert.rejects(registrar.register("order", { ...one, address: "nowhere" }), refused);
    await assert.rejects(registrar.register("order", { ...one, weight: 1001 }), refused);
    for (const service of ["", "../kube-system", "a/b", "a b", "x".repeat(201)])
      await assert.rejects(registrar.register(service, one), refused, service);
    const registration = await registrar.register("order", one);
    await assert.rejects(registration.update({ weight: -1 }), refused);
  });

  behaves("changes health, weight and labels in place", async ({ resolver, registrar }) => {
    assert.ok(registrar);
    const registration = await registrar.register("order", one);
    await registrar.register("order", two);
    const seen = watched(resolver, "order");
    await seen.are(one, two);
    await registration.update({ health: "down" });
    await seen.are({ ...one, health: "down" }, two);
    await registration.update({ health: "up", weight: 7, labels: { tier: "gold" } });
    await seen.are({ ...one, weight: 7, labels: { tier: "gold" } }, two);
    await registration.update({ weight: 8 });
    await seen.are({ ...one, weight: 8, labels: { tier: "gold" } }, two);
    seen.close();
  });

  behaves("takes everything out when it closes, and refuses from then on", async ({ resolver, registrar }) => {
    assert.ok(registrar);
    await Promise.all([one, two, three].map((each) => registrar.register("order", each)));
    const seen = watched(resolver, "order");
    await seen.are(one, two, three);
    await registrar.close();
    await seen.are();
    await assert.rejects(registrar.register("order", one), (error) => error instanceof RpcError);
    await registrar.close();
    seen.close();
  });
}

function forgettingContract(behaves: Behaves): void {
  behaves("takes a lost lease anew", async ({ resolver, registrar, forget }) => {
    assert.ok(registrar && forget);
    await registrar.register("order", one);
    const registration = await registrar.register("order", two);
    const seen = watched(resolver, "order");
    await seen.are(one, two);
    await registration.update({ weight: 9 });
    await forget();
    seen.refresh();
    await seen.are(one, { ...two, weight: 9 });
    seen.close();
  });
}
