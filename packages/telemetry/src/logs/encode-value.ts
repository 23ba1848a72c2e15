import { Metadata } from "@sampan/core";
import { describeError } from "./describe-error.js";
import { quote, shorten } from "./escape.js";
import { hidden, type Redaction } from "./redaction.js";

/** Limits of one line, so that no value, however large, deep or circular, makes a line that hurts. */
export const encodeLimits = { depth: 8, items: 100, text: 8192, total: 32_768 } as const;

/** What a line has left, and the objects that the encoder is inside of. */
interface Walk {
  left: number;
  readonly inside: object[];
}

/**
 * Any value as JSON text in one line of printable characters. Never throws: a getter that does gives its message.
 * Big integers become strings, errors objects with their chain of causes, bytes their length and beginning; values of
 * keys that are to be hidden become `***`.
 */
export function encodeValue(value: unknown, redaction: Redaction): string {
  return encode(value, redaction, { left: encodeLimits.total, inside: [] });
}

/** The fields of a line as `"key":value` pairs, which share the line's limits; undefined ones are left out. */
export function encodeFields(fields: Readonly<Record<string, unknown>>, redaction: Redaction): [string, string][] {
  const walk: Walk = { left: encodeLimits.total, inside: [] };
  const pairs: [string, string][] = [];
  for (const key of Object.keys(fields)) {
    const value = redaction.hides(key) ? hidden : read(fields, key);
    if (value !== undefined) pairs.push([key, encode(value, redaction, walk)]);
  }
  return pairs;
}

function encode(value: unknown, redaction: Redaction, walk: Walk): string {
  if (walk.left <= 0) return '"[truncated]"';
  if (isObject(value)) {
    walk.left -= 2;
    return encodeObject(value, redaction, walk);
  }
  const json = encodePrimitive(value);
  walk.left -= json.length;
  return json;
}

function encodePrimitive(value: unknown): string {
  switch (typeof value) {
    case "string":
      return quote(shorten(value, encodeLimits.text));
    case "number":
      return Number.isFinite(value) ? String(value) : `"${value}"`;
    case "boolean":
      return String(value);
    case "bigint":
      return quote(shorten(value.toString(), encodeLimits.text));
    case "undefined":
      return "null";
    default:
      return value === null ? "null" : quote(`[${typeof value}]`);
  }
}

function encodeObject(value: object, redaction: Redaction, walk: Walk): string {
  if (walk.inside.includes(value)) return '"[circular]"';
  if (walk.inside.length >= encodeLimits.depth) return '"[too deep]"';
  walk.inside.push(value);
  try {
    const plain = simplify(value);
    // What it became counts in its own place.
    if (!isObject(plain)) return encode(plain, redaction, walk);
    return Array.isArray(plain) ? encodeItems(plain, redaction, walk) : encodeEntries(plain, redaction, walk);
  } catch (error) {
    return quote(shorten(`[threw: ${error instanceof Error ? error.message : "something"}]`, 200));
  } finally {
    walk.inside.pop();
  }
}

/** Objects that say nothing when their properties are listed, as something that does. */
function simplify(value: object): unknown {
  if (value instanceof Error) return describeError(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString();
  if (value instanceof Map || value instanceof Metadata) return entriesOf(value);
  if (value instanceof Set) return itemsOf(value);
  if (value instanceof URL) return maskPassword(value);
  if (ArrayBuffer.isView(value)) return describeBytes(value);
  if (value instanceof Promise) return "[promise]";
  const { toJSON } = value as { toJSON?: unknown };
  return typeof toJSON === "function" ? toJSON.call(value) : value;
}

function encodeItems(items: readonly unknown[], redaction: Redaction, walk: Walk): string {
  const parts: string[] = [];
  for (let i = 0; i < items.length && i < encodeLimits.items && walk.left > 0; i++) {
    parts.push(encode(items[i], redaction, walk));
  }
  if (parts.length < items.length) parts.push(`"[${items.length - parts.length} more]"`);
  return `[${parts.join(",")}]`;
}

function encodeEntries(value: object, redaction: Redaction, walk: Walk): string {
  const keys = Object.keys(value);
  const parts: string[] = [];
  let seen = 0;
  for (const key of keys) {
    if (seen === encodeLimits.items || walk.left <= 0) break;
    seen++;
    const item = redaction.hides(key) ? hidden : read(value, key);
    if (item === undefined) continue;
    const name = quote(shorten(key, 256));
    walk.left -= name.length;
    parts.push(`${name}:${encode(item, redaction, walk)}`);
  }
  if (seen < keys.length) parts.push(`"…":"[${keys.length - seen} more]"`);
  return `{${parts.join(",")}}`;
}

function read(from: object, key: string): unknown {
  try {
    return (from as Record<string, unknown>)[key];
  } catch (error) {
    return `[threw: ${error instanceof Error ? error.message : "something"}]`;
  }
}

function itemsOf(set: ReadonlySet<unknown>): unknown[] {
  if (set.size <= encodeLimits.items) return [...set];
  return [...take(set), `[${set.size - shownItems} more]`];
}

function entriesOf(pairs: Iterable<readonly [unknown, unknown]> & { readonly size: number }): Record<string, unknown> {
  // No prototype, so that a key named __proto__ is a key like any other.
  const entries: Record<string, unknown> = Object.create(null);
  for (const [key, value] of take(pairs)) entries[typeof key === "symbol" ? key.toString() : String(key)] = value;
  if (pairs.size > shownItems) entries["…"] = `[${pairs.size - shownItems} more]`;
  return entries;
}

/** One less than the limit, to leave room for saying how many more there are. */
const shownItems = encodeLimits.items - 1;

function* take<T>(items: Iterable<T>): Generator<T> {
  let taken = 0;
  for (const item of items) {
    if (taken++ === shownItems) return;
    yield item;
  }
}

function describeBytes(view: ArrayBufferView): string {
  const shown = Buffer.from(view.buffer, view.byteOffset, Math.min(view.byteLength, 16)).toString("hex");
  return `[${view.byteLength} bytes${shown === "" ? "" : `: ${shown}${view.byteLength > 16 ? "…" : ""}`}]`;
}

function maskPassword(url: URL): string {
  if (url.password === "") return url.href;
  const masked = new URL(url);
  masked.password = hidden;
  return masked.href;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
