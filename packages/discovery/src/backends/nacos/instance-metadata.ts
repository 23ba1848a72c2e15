import type { Instance } from "@sampan/core/ports";
import { number, record, text, texts } from "@sampan/engines";
import { addressOf, hostPortOf } from "../entries/host-port.js";
import { healthFrom } from "../entries/instance-json.js";

/** Nacos's limit for an instance's metadata: letters of all keys and values together. */
const maxMetadata = 1024;

const ours = "sampan.";

/** Our weight 100 is Nacos's 1, so that the weight somebody sets in Nacos's console counts. */
const weightScale = 100;

export function nacosWeight(weight: number): number {
  return weight / weightScale;
}

/** The times of the lease, in Nacos's own words, and what Nacos has no field for. */
export function metadataOf(instance: Instance, ttlMs: number): Record<string, string> {
  const { id, zone, version, health, labels } = instance;
  const metadata: Record<string, string> = {
    "preserved.heart.beat.interval": `${Math.round(ttlMs / 6)}`,
    "preserved.heart.beat.timeout": `${Math.round(ttlMs / 2)}`,
    "preserved.ip.delete.timeout": `${ttlMs}`,
    [`${ours}id`]: id,
    [`${ours}health`]: health,
  };
  if (zone !== "") metadata[`${ours}zone`] = zone;
  if (version !== "") metadata[`${ours}version`] = version;
  if (Object.keys(labels).length > 0) metadata[`${ours}labels`] = JSON.stringify(labels);
  return metadata;
}

/** Why an instance does not fit; undefined when it does. */
export function metadataRefusal(instance: Instance): string | undefined {
  if (hostPortOf(instance.address) === undefined) return "Nacos takes only a host and a port as address";
  const entries = Object.entries(metadataOf(instance, 0));
  const letters = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  return letters > maxMetadata - 32
    ? `its labels do not fit into the ${maxMetadata} letters of Nacos's metadata`
    : undefined;
}

/** An entry of the instance list. One that Nacos has not heard of in time is `down`; one switched off is no instance. */
export function instanceFromEntry(entry: unknown): Instance | undefined {
  const { ip, port, weight, healthy, enabled, metadata } = record(entry);
  if (enabled === false) return undefined;
  const held = texts(metadata);
  const address = addressOf(text(ip), number(port));
  const scaled = number(weight) * weightScale;
  return {
    id: held[`${ours}id`] ?? address,
    address,
    zone: held[`${ours}zone`] ?? "",
    version: held[`${ours}version`] ?? "",
    // Without the rounding errors of the scale; Nacos allows more than we do.
    weight: Number.isNaN(scaled) ? 100 : Math.min(1000, Math.round(scaled * 1000) / 1000),
    labels: labelsOf(held),
    health: healthy === false ? "down" : healthFrom(held[`${ours}health`]),
  };
}

/** Ours, or for an entry that somebody else made its metadata. */
function labelsOf(metadata: Readonly<Record<string, string>>): Record<string, string> {
  if (metadata[`${ours}id`] === undefined) return { ...metadata };
  try {
    return texts(JSON.parse(metadata[`${ours}labels`] ?? "{}"));
  } catch {
    return {};
  }
}
