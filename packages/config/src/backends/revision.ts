import { createHash } from "node:crypto";
import type { ConfigVersion } from "@sampan/core/ports";

/** No document. */
export const nothing: ConfigVersion = { text: undefined, revision: "" };

/** For stores that number nothing: a text that comes back to what it was is the same version. */
export function hashed(text: string | undefined): ConfigVersion {
  if (text === undefined) return nothing;
  return { text, revision: createHash("sha256").update(text).digest("hex").slice(0, 16) };
}
