import type { Instance } from "@sampan/core/ports";

/** The instance of a number, at an address that nobody need listen at. */
export function instanceAt(
  index: number,
  weight = 100,
  address = `ipv4:10.0.${index >> 8}.${index & 255}:50051`,
): Instance {
  return { id: `instance-${index}`, address, zone: "", weight, version: "", labels: {}, health: "up" };
}
