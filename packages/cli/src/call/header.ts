import { Metadata } from "@sampan/core";
import { CommandError } from "../command/command-error.js";

/** Together, as servers limit them too: names and values in octets. */
export const maxHeaderOctets = 65_536;

/**
 * Request metadata from what was given as `name: value`; a name that ends in `-bin` takes base64, with or without
 * padding. Throws `CommandError`.
 */
export function readHeaders(given: readonly string[]): Metadata {
  const metadata = new Metadata();
  let octets = 0;
  for (const text of given) {
    const colon = text.indexOf(":");
    const name = text.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (name === "") throw refused(text, "it is not name: value");
    const value = text.slice(colon + 1).trim();
    octets += name.length + value.length;
    if (octets > maxHeaderOctets) throw refused(text, `all together they have more than ${maxHeaderOctets} octets`);
    try {
      metadata.append(name, name.endsWith("-bin") ? bytesOf(text, value) : value);
    } catch (error) {
      if (error instanceof CommandError) throw error;
      throw refused(text, error instanceof Error ? error.message : String(error));
    }
  }
  return metadata;
}

function bytesOf(text: string, value: string): Uint8Array {
  const bare = value.replace(/=+$/, "");
  // Node skips what is not base64 without a word.
  const isBase64 = /^[A-Za-z0-9+/]*$/.test(bare) && bare.length % 4 !== 1;
  if (!isBase64) throw refused(text, "the value of a name that ends in -bin must be base64");
  return new Uint8Array(Buffer.from(bare, "base64"));
}

function refused(text: string, why: string): CommandError {
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return new CommandError(`header ${JSON.stringify(shown)} cannot be sent: ${why}`, "write -H 'name: value'", 2);
}
