import { Metadata } from "@sampan/core";
import { GrpcErrors } from "../errors.js";
import { decodeBinary, encodeBinary } from "./binary-value.js";

/**
 * Metadata as header fields (name, value, name, value, …) and back. Names that belong to the protocol or to Sampan never
 * reach a handler and cannot be sent by one.
 */
const reserved = new Set(["content-type", "content-length", "te", "user-agent", "traceparent", "tracestate", "host"]);
/** Of the protocol, and yet between applications: retries are theirs (gRFC A6). */
const aboutRetries = new Set(["grpc-previous-rpc-attempts", "grpc-retry-pushback-ms"]);
/** HTTP/2 forbids these (RFC 9113 section 8.2.2). */
const connectionSpecific = new Set(["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"]);

export function isReserved(name: string): boolean {
  return (
    reserved.has(name) ||
    (name.startsWith("grpc-") && !aboutRetries.has(name)) ||
    name.startsWith("x-sampan-") ||
    name.startsWith(":") ||
    connectionSpecific.has(name)
  );
}

/** Appends every pair. Throws `RESERVED_METADATA` for a name that nobody but the transport may send. */
export function appendMetadata(fields: string[], metadata: Metadata): void {
  for (const [name, value] of metadata) {
    if (isReserved(name)) throw GrpcErrors.RESERVED_METADATA({ key: name });
    fields.push(name, typeof value === "string" ? value : encodeBinary(value));
  }
}

/** Adds one received field. What is not well formed is dropped: a peer's mistake must not fail the call. */
export function addField(metadata: Metadata | undefined, name: string, value: string): Metadata | undefined {
  try {
    if (!name.endsWith("-bin")) return (metadata ?? new Metadata()).append(name, value);
    let target = metadata;
    for (const part of value.split(",")) {
      const bytes = decodeBinary(part.trim());
      if (bytes !== undefined) target = (target ?? new Metadata()).append(name, bytes);
    }
    return target;
  } catch {
    return metadata;
  }
}

/** The metadata of a received header section; undefined when it has none. */
export function metadataOf(fields: readonly string[]): Metadata | undefined {
  let metadata: Metadata | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (!isReserved(name)) metadata = addField(metadata, name, fields[i + 1] as string);
  }
  return metadata;
}
