import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** The vendor pads to 32 bytes, twice the block of AES, so that the cipher's own padding is switched off. */
const padTo = 32;
const randomLength = 16;
const headLength = randomLength + 4;

/** What was in an envelope: the message, and whose it is. */
export interface PushContent {
  readonly text: Buffer;
  readonly appId: string;
}

/** The 32 bytes of an EncodingAESKey, 43 characters of base64 without the sign at its end; undefined when it is none. */
export function pushKey(encodingAesKey: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]{43}$/.test(encodingAesKey)) return undefined;
  return Buffer.from(`${encodingAesKey}=`, "base64");
}

/** AES-256-CBC, its iv the key's first half, of: 16 random bytes, length, message, app id, padding. Base64. */
export function sealPush(text: string, appId: string, key: Buffer, random: Buffer = randomBytes(randomLength)): string {
  const message = Buffer.from(text, "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  const full = Buffer.concat([random, length, message, Buffer.from(appId, "utf8")]);
  const padding = padTo - (full.length % padTo);
  const cipher = createCipheriv("aes-256-cbc", key, key.subarray(0, 16)).setAutoPadding(false);
  const sealed = [cipher.update(full), cipher.update(Buffer.alloc(padding, padding)), cipher.final()];
  return Buffer.concat(sealed).toString("base64");
}

/** Undefined when it was not sealed with this key, or not as above. */
export function openPush(encrypted: string, key: Buffer): PushContent | undefined {
  const sealed = Buffer.from(encrypted, "base64");
  if (sealed.length === 0 || sealed.length % padTo !== 0 || sealed.toString("base64") !== encrypted) return undefined;
  const decipher = createDecipheriv("aes-256-cbc", key, key.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(sealed), decipher.final()]);
  const padding = padded.at(-1) ?? 0;
  if (padding < 1 || padding > padTo || padded.subarray(-padding).some((byte) => byte !== padding)) return undefined;
  const full = padded.subarray(0, padded.length - padding);
  if (full.length < headLength) return undefined;
  const end = headLength + full.readUInt32BE(randomLength);
  if (end > full.length) return undefined;
  return { text: full.subarray(headLength, end), appId: full.toString("utf8", end) };
}
