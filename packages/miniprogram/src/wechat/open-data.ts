import { createDecipheriv, createHash, timingSafeEqual } from "node:crypto";
import { MiniProgramErrors } from "../errors.js";
import { integerField, type JsonObject, objectField, parseObject, textField } from "../json-fields.js";
import type { EncryptedData, SignedData } from "../provider.js";

/** Longer data is refused; the vendor's are a few hundred bytes. */
const longestData = 64 * 1024;
/** How far the platform's clock may be ahead of ours, ms. */
const skewMs = 60_000;

/** What open data is checked against. */
export interface OpenDataRules {
  readonly appId: string;
  readonly now: number;
  /** Encrypted data says when it was made; older is refused. */
  readonly maxAgeMs: number;
}

/** `sha1(rawData + session_key)`, hex: how the platform signs what the client can read. */
export function openDataSignature(rawData: string, sessionKey: string): string {
  return createHash("sha1").update(rawData, "utf8").update(sessionKey, "utf8").digest("hex");
}

/**
 * Signed data as an object. It names neither an app nor a time, so it is as good as its session: not to be taken for
 * proof of anything but that the platform once said it about this user. Throws `OPEN_DATA_INVALID`.
 */
export function checkSignedData({ rawData, signature }: SignedData, sessionKey: string): JsonObject {
  if (rawData.length > longestData) throw invalid(`rawData is longer than ${longestData} characters`);
  const expected = Buffer.from(openDataSignature(rawData, sessionKey), "utf8");
  const given = Buffer.from(signature, "utf8");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw invalid("the signature is wrong");
  const object = parseObject(Buffer.from(rawData, "utf8"));
  if (object === undefined) throw invalid("rawData is no JSON object");
  return object;
}

/** Encrypted data as an object, its watermark included. Throws `OPEN_DATA_INVALID`. */
export function decryptOpenData(data: EncryptedData, sessionKey: string, rules: OpenDataRules): JsonObject {
  const object = decrypted(data, sessionKey);
  const watermark = objectField(object, "watermark");
  if (textField(watermark, "appid") !== rules.appId) throw invalid("its watermark names another app");
  const seconds = integerField(watermark, "timestamp");
  if (seconds === undefined) throw invalid("its watermark has no timestamp");
  const age = rules.now - seconds * 1000;
  if (age > rules.maxAgeMs) throw invalid("it is too old");
  if (age < -skewMs) throw invalid("it is from the future");
  return object;
}

/** AES-128-CBC with PKCS#7 padding. One reason for all that can go wrong inside: nobody learns about the padding. */
function decrypted({ encryptedData, iv }: EncryptedData, sessionKey: string): JsonObject {
  const key = base64Bytes(sessionKey);
  const start = base64Bytes(iv);
  const sealed = encryptedData.length > longestData * 2 ? undefined : base64Bytes(encryptedData);
  if (key?.length !== 16) throw invalid("the session secret is not 16 bytes in base64");
  if (start?.length !== 16) throw invalid("iv is not 16 bytes in base64");
  if (sealed === undefined || sealed.length === 0 || sealed.length % 16 !== 0 || sealed.length > longestData) {
    throw invalid(`encryptedData is not 16 to ${longestData} bytes of whole blocks in base64`);
  }
  const wrong = invalid("it cannot be decrypted with this session");
  try {
    const decipher = createDecipheriv("aes-128-cbc", key, start);
    const object = parseObject(Buffer.concat([decipher.update(sealed), decipher.final()]));
    if (object !== undefined) return object;
  } catch {
    // The cipher's message would tell wrong padding from wrong JSON.
  }
  throw wrong;
}

/** Undefined when it is not exactly base64 as an encoder writes it. */
function base64Bytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

function invalid(why: string): Error {
  return MiniProgramErrors.OPEN_DATA_INVALID({ why });
}
