import type { Instance } from "@sampan/core/ports";

/** Limits of what one entry of a registry may hold (ours; far above what people write). */
export const instanceLimits = {
  idLength: 256,
  addressLength: 512,
  zoneLength: 128,
  versionLength: 128,
  labels: 64,
  labelLength: 1024,
  weight: 1000,
} as const;

const healths = new Set(["up", "down", "overloaded", "unknown"]);

/** What is wrong with an instance; undefined when it may be used. Never throws, whatever the fields hold. */
export function checkInstance(instance: Instance): string | undefined {
  const { id, address, zone, version, weight, labels, health } = instance;
  if (!isText(id, instanceLimits.idLength) || id === "") return "an id is empty, too long or no text";
  if (!isText(address, instanceLimits.addressLength) || !isAddress(address)) return `${id} has no usable address`;
  if (!isText(zone, instanceLimits.zoneLength)) return `${id} has a zone that is too long or no text`;
  if (!isText(version, instanceLimits.versionLength)) return `${id} has a version that is too long or no text`;
  if (!Number.isFinite(weight) || weight < 0 || weight > instanceLimits.weight)
    return `${id} has a weight outside 0 to ${instanceLimits.weight}`;
  if (!healths.has(health)) return `${id} has a health that nobody knows`;
  if (typeof labels !== "object" || labels === null) return `${id} has labels that are no map`;
  const entries = Object.entries(labels);
  if (entries.length > instanceLimits.labels) return `${id} has more than ${instanceLimits.labels} labels`;
  if (
    !entries.every(
      ([key, value]) => isText(key, instanceLimits.labelLength) && isText(value, instanceLimits.labelLength),
    )
  )
    return `${id} has a label that is too long or no text`;
  return undefined;
}

/** No control characters: these texts end up in logs and in headers. */
function isText(value: unknown, longest: number): value is string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return typeof value === "string" && value.length <= longest && !/[\u0000-\u001f\u007f]/.test(value);
}

/** `unix:/path`, `ipv4:1.2.3.4:5`, `ipv6:[::1]:5`, `dns:name:5` or `name:5`; the port from 1 to 65535. */
function isAddress(address: string): boolean {
  if (address.startsWith("unix:")) return address.length > "unix:".length;
  const port = /:(\d{1,5})$/.exec(address)?.[1];
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535) return false;
  const host = address.slice(0, -port.length - 1).replace(/^(ipv4|ipv6|dns):(\/\/\/)?/, "");
  return /^\[[0-9a-fA-F:.%\w]+\]$|^[\w.-]+$/.test(host);
}
