import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Instance } from "@sampan/core/ports";
import type { ProbeResult } from "@sampan/discovery";
import {
  type InstanceSchema,
  Health as WireHealth,
  type Instance as WireInstance,
  type ProbeResult as WireResult,
} from "@sampan/protos/sampan/registry/v1/registry_pb.js";

const healths = {
  unknown: WireHealth.UNKNOWN,
  up: WireHealth.UP,
  down: WireHealth.DOWN,
  overloaded: WireHealth.OVERLOADED,
} as const;

const healthOf = new Map<WireHealth, Instance["health"]>(
  Object.entries(healths).map(([name, value]) => [value, name as Instance["health"]]),
);

export function instanceToWire(instance: Instance): MessageInitShape<typeof InstanceSchema> {
  const { id, address, zone, weight, version, labels, health } = instance;
  return { id, address, zone, weight, version, labels: { ...labels }, health: healths[health] };
}

export function instanceFromWire(instance: WireInstance): Instance {
  const { id, address, zone, weight, version, labels, health } = instance;
  // What a newer process says of itself in words of its own is nothing that we know.
  return { id, address, zone, weight, version, labels, health: healthOf.get(health) ?? "unknown" };
}

export function resultsToWire(results: ReadonlyMap<string, ProbeResult>) {
  return Object.fromEntries(
    [...results].map(([id, { status, rt, ts }]) => [id, { up: status === "up", rtMs: rt, at: BigInt(Math.round(ts)) }]),
  );
}

export function resultsFromWire(results: Readonly<Record<string, WireResult>>): ReadonlyMap<string, ProbeResult> {
  return new Map(
    Object.entries(results).map(([id, { up, rtMs, at }]) => [
      id,
      { status: up ? "up" : "down", rt: rtMs, ts: Number(at) },
    ]),
  );
}
