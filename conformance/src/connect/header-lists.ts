import { Metadata } from "@sampan/core";
import type { Header } from "./contract.js";

/** The contract's headers carry the octets of `-bin` keys as base64, as they are on the wire. */
export function toMetadata(headers: readonly Header[]): Metadata {
  const metadata = new Metadata();
  for (const { name, value } of headers) {
    const key = name.toLowerCase();
    for (const text of value) metadata.append(key, key.endsWith("-bin") ? Buffer.from(text, "base64") : text);
  }
  return metadata;
}

export function toHeaders(metadata: Metadata): Header[] {
  const headers = new Map<string, string[]>();
  for (const [key, value] of metadata) {
    const text = typeof value === "string" ? value : Buffer.from(value).toString("base64").replace(/=+$/, "");
    const values = headers.get(key);
    if (values === undefined) headers.set(key, [text]);
    else values.push(text);
  }
  return [...headers].map(([name, value]) => ({ name, value }));
}
