import type { IncomingHttpHeaders } from "node:http";
import { Metadata } from "@sampan/core";
import { GatewayErrors } from "../errors.js";

/** The headers that the contract asks for, as metadata; undefined when there are none. Throws `INVALID_HEADER`. */
export function passedMetadata(names: readonly string[], headers: IncomingHttpHeaders): Metadata | undefined {
  let metadata: Metadata | undefined;
  for (const name of names) {
    const value = headers[name];
    if (value === undefined) continue;
    metadata ??= new Metadata();
    try {
      for (const each of Array.isArray(value) ? value : [value]) metadata.append(name, each);
    } catch {
      throw GatewayErrors.INVALID_HEADER({ header: name, why: "it must be printable ASCII" });
    }
  }
  return metadata;
}
