import type { Endpoint, Instance } from "@sampan/core/ports";

export function instance(id: string, change: Partial<Instance> = {}): Instance {
  return {
    id,
    address: `ipv4:10.0.0.1:${1000 + Number(id.replace(/\D/g, "") || 0)}`,
    zone: "",
    weight: 100,
    version: "",
    labels: {},
    health: "up",
    ...change,
  };
}

export interface MutableEndpoint extends Endpoint {
  weight: number;
  inFlight: number;
  ewmaMs: number;
}

export function endpoint(id: string, change: Partial<MutableEndpoint> = {}): MutableEndpoint {
  const made = instance(id, change.instance);
  return {
    instance: made,
    weight: made.weight,
    inFlight: 0,
    ewmaMs: 0,
    expectedMs() {
      return this.ewmaMs;
    },
    ...change,
  };
}

/** How often each id came in a number of picks. */
export function counts(picks: number, pick: () => Endpoint | undefined): Map<string, number> {
  const found = new Map<string, number>();
  for (let i = 0; i < picks; i++) {
    const id = pick()?.instance.id ?? "nobody";
    found.set(id, (found.get(id) ?? 0) + 1);
  }
  return found;
}

export const anyone = { key: "", client: "" };
