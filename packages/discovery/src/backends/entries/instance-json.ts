import type { Instance } from "@sampan/core/ports";
import { record, text, texts } from "@sampan/engines";

export function healthFrom(value: unknown): Instance["health"] {
  return value === "down" || value === "overloaded" || value === "unknown" ? value : "up";
}

/** A weight as registries write it; 100 when there is none. */
export function weightFrom(value: unknown): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && value.trim() !== "" ? Number(value) : 100;
}

/** What stands in a registry's value; fields that are missing get what an instance has when nobody says otherwise. */
export function instanceFromJson(source: string): Instance {
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch {
    parsed = undefined;
  }
  const fields = record(parsed);
  return {
    id: text(fields.id),
    address: text(fields.address),
    zone: text(fields.zone),
    weight: weightFrom(fields.weight),
    version: text(fields.version),
    labels: texts(fields.labels),
    health: healthFrom(fields.health),
  };
}

export function instanceToJson(instance: Instance): string {
  const { id, address, zone, weight, version, labels, health } = instance;
  return JSON.stringify({ id, address, zone, weight, version, labels, health });
}
