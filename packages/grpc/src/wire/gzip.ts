import { gunzipSync, gzipSync } from "node:zlib";
import { CoreErrors } from "@sampan/core";
import { GrpcErrors } from "../errors.js";

/** Compressions that both sides of this transport can read. */
export type Encoding = "identity" | "gzip";

/** The value of grpc-accept-encoding. */
export const acceptedEncodings = "identity,gzip";

/** Smaller messages grow, or gain less than the deflate state costs (ours). */
const worthCompressing = 1024;

/** The compressed octets, or undefined when compressing is not worth it. */
export function compress(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < worthCompressing) return undefined;
  const compressed = gzipSync(bytes, { level: 1 });
  return compressed.length < bytes.length ? compressed : undefined;
}

/**
 * Stops as soon as more than `limit` octets have come out, so a small message that expands without end costs no more
 * than a large one. Throws `MESSAGE_TOO_LARGE` then, and `BAD_COMPRESSION` for what is not gzip.
 */
export function decompress(bytes: Uint8Array, limit: number, method: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.max(1, limit) });
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") {
      throw CoreErrors.MESSAGE_TOO_LARGE({ method, size: `more than ${limit}`, limit: String(limit) });
    }
    throw GrpcErrors.BAD_COMPRESSION({ method, why: message }, { cause: thrown });
  }
}
