import type { Instance } from "@sampan/core/ports";
import { array, type JsonRecord, number, record, text, texts } from "@sampan/engines";
import { addressOf } from "../entries/host-port.js";

export interface SliceReading {
  /** The name of the port that is called; empty takes the first. */
  readonly port: string;
  /** The label of a slice, and so of its service, that names the release. */
  readonly releaseLabel: string;
}

/** The port of a slice's endpoints; undefined when it has none of that name. */
function portOf(slice: JsonRecord, name: string): number | undefined {
  const ports = array(slice.ports).map(record);
  const port = number((name === "" ? ports[0] : ports.find((each) => each.name === name))?.port);
  return Number.isNaN(port) ? undefined : port;
}

/**
 * The instances of an EndpointSlice (discovery.k8s.io/v1). Ready endpoints are up. One that serves while it terminates
 * takes no new calls (weight 0) and keeps those that it has; one that does neither is down. Names that resolve (FQDN
 * slices) are no instances.
 */
export function instancesOf(slice: JsonRecord, reading: SliceReading): Instance[] {
  const port = portOf(slice, reading.port);
  if (port === undefined || slice.addressType === "FQDN") return [];
  const version = texts(record(slice.metadata).labels)[reading.releaseLabel] ?? "";
  return array(slice.endpoints).map((each): Instance => {
    const endpoint = record(each);
    const address = addressOf(text(array(endpoint.addresses)[0]), port);
    const state = stateOf(record(endpoint.conditions));
    return {
      id: text(record(endpoint.targetRef).uid) || address,
      address,
      zone: text(endpoint.zone),
      version: version === "stable" ? "" : version,
      labels: labelsOf(endpoint),
      ...state,
    };
  });
}

/** What is not said counts as ready (the API's own rule: clients interpret an unknown state as ready). */
function stateOf(conditions: JsonRecord): Pick<Instance, "weight" | "health"> {
  const ready = conditions.ready !== false;
  if (ready && conditions.terminating !== true) return { weight: 100, health: "up" };
  const serving = conditions.serving ?? ready;
  if (serving === true && conditions.terminating === true) return { weight: 0, health: "up" };
  return { weight: 100, health: "down" };
}

function labelsOf(endpoint: JsonRecord): Record<string, string> {
  const labels: Record<string, string> = {};
  const node = text(endpoint.nodeName);
  const zones = array(record(endpoint.hints).forZones).map((zone) => text(record(zone).name));
  if (node !== "") labels.node = node;
  // Zones that the control plane would have this endpoint serve.
  if (zones.length > 0) labels["for-zones"] = zones.join(",");
  return labels;
}
