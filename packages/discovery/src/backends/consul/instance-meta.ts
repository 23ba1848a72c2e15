import type { Instance } from "@sampan/core/ports";
import { array, type ConsulCheckStatus, type JsonRecord, number, record, text, texts } from "@sampan/engines";
import { addressOf } from "../entries/host-port.js";
import { healthFrom, weightFrom } from "../entries/instance-json.js";

/** Consul's limits for metadata (agent API, service definition): pairs, letters of a value. */
const maxPairs = 64;
const maxValue = 512;

const ours = "sampan-";

/** What Consul has no field for. Labels are one JSON text in pieces, because Consul allows few letters in a key. */
export function metaOf(instance: Instance): Record<string, string> {
  const { id, address, zone, version, weight, labels, health } = instance;
  const meta: Record<string, string> = {
    [`${ours}id`]: id,
    [`${ours}address`]: address,
    [`${ours}weight`]: `${weight}`,
  };
  // Not in the check's output: an agent may tell a change of that alone five minutes later (check_update_interval).
  if (health !== "up") meta[`${ours}health`] = health;
  if (zone !== "") meta[`${ours}zone`] = zone;
  if (version !== "") meta[`${ours}version`] = version;
  const json = Object.keys(labels).length === 0 ? "" : JSON.stringify(labels);
  for (let at = 0; at < json.length; at += maxValue)
    meta[`${ours}labels-${at / maxValue}`] = json.slice(at, at + maxValue);
  return meta;
}

/** Why an instance does not fit; undefined when it does. */
export function metaRefusal(instance: Instance): string | undefined {
  const meta = metaOf(instance);
  if (Object.keys(meta).length > maxPairs) return `its labels take more than ${maxPairs} pieces of Consul's metadata`;
  return Object.values(meta).some((value) => value.length > maxValue)
    ? `Consul's metadata holds at most ${maxValue} letters`
    : undefined;
}

/** An up instance passes; Consul's own users who ask for passing ones get no other. The metadata says more than the status. */
export function statusOf(health: Instance["health"]): ConsulCheckStatus {
  return health === "up" || health === "unknown" ? "passing" : "warning";
}

/**
 * An entry of `/v1/health/service`. Undefined when its lease has run out: the TTL check that the registrar made is
 * critical. Any other critical check (a node that is lost, gRPC health) makes it `down`.
 */
export function instanceFromEntry(entry: unknown): Instance | undefined {
  const { Service, Checks, Node } = record(entry);
  const service = record(Service);
  const checks = array(Checks).map(record);
  const lease = checks.find(({ CheckID }) => text(CheckID).startsWith(`${ours}lease:`));
  if (lease?.Status === "critical") return undefined;
  const meta = texts(service.Meta);
  const host = text(service.Address) || text(record(Node).Address);
  return {
    id: meta[`${ours}id`] ?? text(service.ID),
    address: meta[`${ours}address`] ?? addressOf(host, number(service.Port)),
    zone: meta[`${ours}zone`] ?? "",
    version: meta[`${ours}version`] ?? "",
    weight: weightFrom(meta[`${ours}weight`] ?? passingWeight(service)),
    labels: labelsOf(meta),
    health: checks.some(({ Status }) => Status === "critical") ? "down" : healthFrom(meta[`${ours}health`]),
  };
}

/** Consul's weights begin at 1, which is what an entry has that says nothing. */
function passingWeight(service: JsonRecord): number | undefined {
  const weight = number(record(service.Weights).Passing);
  return Number.isNaN(weight) || weight === 1 ? undefined : weight;
}

/** Ours, or for an entry that somebody else made its metadata. */
function labelsOf(meta: Readonly<Record<string, string>>): Record<string, string> {
  if (meta[`${ours}id`] === undefined) return { ...meta };
  let json = "";
  for (let i = 0; meta[`${ours}labels-${i}`] !== undefined; i++) json += meta[`${ours}labels-${i}`];
  try {
    return json === "" ? {} : texts(JSON.parse(json));
  } catch {
    return {};
  }
}
