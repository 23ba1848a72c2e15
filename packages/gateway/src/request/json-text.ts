import { isUtf8 } from "node:buffer";
import type { JsonValue } from "@bufbuild/protobuf";
import { GatewayErrors } from "../errors.js";
import { shorten } from "./violations.js";

/**
 * Bytes to a JSON value, refusing what `JSON.parse` would let through or silently change: invalid UTF-8, nesting
 * beyond the limit, a key that appears twice in one object (parsers differ on which one counts, so two of them could
 * see two different requests), and whole numbers that a double cannot hold. Throws `MALFORMED_BODY`.
 */
export function parseJson(body: Buffer, maxDepth: number): JsonValue {
  if (!isUtf8(body)) throw malformed("it is not valid UTF-8");
  const text = body.toString("utf8");
  scan(text, maxDepth);
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    throw malformed(shorten((error as Error).message));
  }
}

function malformed(why: string): Error {
  return GatewayErrors.MALFORMED_BODY({ why });
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Keys of an open object; null for an array. */
type Frame = string[] | Set<string> | null;

// Hot path: every body passes here before JSON.parse, whose verdict on the grammar counts; this scan only has to
// survive text that is not JSON. Character codes and one pass, because a tokenizer would cost more than the parse.
function scan(text: string, maxDepth: number): void {
  const frames: Frame[] = [];
  let keyComes = false;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      const end = stringEnd(text, at);
      const frame = frames.length > 0 ? frames[frames.length - 1] : null;
      if (keyComes && frame) frames[frames.length - 1] = addKey(frame, keyText(text, at, end));
      keyComes = false;
      at = end + 1;
      continue;
    }
    if (code === openBrace || code === openBracket) {
      if (frames.length === maxDepth) throw malformed(`it is nested deeper than ${maxDepth} levels`);
      frames.push(code === openBrace ? [] : null);
      keyComes = code === openBrace;
    } else if (code === closeBrace || code === closeBracket) {
      frames.pop();
      keyComes = false;
    } else if (code === comma) {
      keyComes = frames.length > 0 && frames[frames.length - 1] !== null;
    } else if (code === colon) {
      keyComes = false;
    } else if (code >= 0x30 && code <= 0x39) {
      at = checkNumber(text, at);
      continue;
    }
    at++;
  }
}

/** The position of the closing quote, or of the text's end. */
function stringEnd(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === quote) return at;
    at += code === backslash ? 2 : 1;
  }
  return text.length;
}

function keyText(text: string, open: number, end: number): string {
  const raw = text.slice(open + 1, end);
  if (!raw.includes("\\")) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}

/** A list is faster for the handful of keys that most objects have, a set keeps a hostile object linear. */
function addKey(keys: string[] | Set<string>, key: string): string[] | Set<string> {
  const twice = Array.isArray(keys) ? keys.includes(key) : keys.has(key);
  if (twice) throw malformed(`the key "${shorten(key)}" appears twice in one object`);
  if (!Array.isArray(keys)) return keys.add(key);
  if (keys.length >= 12) return new Set(keys).add(key);
  keys.push(key);
  return keys;
}

/** Reads the digits at `at`; returns the position after them. */
function checkNumber(text: string, at: number): number {
  let end = at;
  let whole = true;
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end);
    if (code >= 0x30 && code <= 0x39) continue;
    // "." "e" "E": a fraction or exponent, which nobody expects to be exact.
    if (code !== 0x2e && code !== 0x65 && code !== 0x45) break;
    whole = false;
  }
  if (whole && end - at > 15) {
    const digits = text.slice(at, end);
    if (end - at > 400 || !Number.isSafeInteger(Number(digits))) {
      throw malformed(`the number ${shorten(digits)} is too large to be exact: send it as a string`);
    }
  }
  return end;
}
