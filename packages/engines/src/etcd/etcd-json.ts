import { number, record, text } from "../json/fields.js";

export interface EtcdKeyValue {
  readonly key: string;
  readonly value: string;
  readonly modRevision: number;
}

export type EtcdEvent =
  | { readonly type: "put"; readonly entry: EtcdKeyValue }
  | { readonly type: "delete"; readonly key: string };

export function toBase64(value: string): string {
  return Buffer.from(value, "utf8").toString("base64");
}

function fromBase64(value: unknown): string {
  return Buffer.from(text(value), "base64").toString("utf8");
}

/** etcd takes a prefix as the range up to its last byte plus one. Of valid UTF-8 no byte is 255. */
export function endOfPrefix(prefix: string): string {
  const bytes = Buffer.from(prefix, "utf8");
  // An empty prefix means everything, which etcd writes as the zero byte.
  if (bytes.length === 0) return Buffer.of(0).toString("base64");
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) + 1;
  return bytes.toString("base64");
}

/** The gateway leaves out what is empty or zero. */
export function keyValueFrom(value: unknown): EtcdKeyValue {
  const { key, value: held, mod_revision } = record(value);
  return { key: fromBase64(key), value: fromBase64(held), modRevision: number(mod_revision) || 0 };
}

export function eventFrom(value: unknown): EtcdEvent {
  const { type, kv } = record(value);
  const entry = keyValueFrom(kv);
  return type === "DELETE" ? { type: "delete", key: entry.key } : { type: "put", entry };
}
