import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { type JsonObject, textField } from "../../json-fields.js";

/** The encrypted part of a callback: AES-256-GCM with the merchant's 32-byte APIv3 key. */
export interface SealedResource {
  readonly algorithm: "AEAD_AES_256_GCM";
  /** Base64 of ciphertext and, as its last 16 bytes, tag. */
  readonly ciphertext: string;
  /** 12 characters. */
  readonly nonce: string;
  readonly associated_data: string;
  readonly original_type: string;
}

const algorithm = "AEAD_AES_256_GCM";
const tagBytes = 16;

export function sealResource(plaintext: string, originalType: string, key: Uint8Array): SealedResource {
  // Six random bytes as hexadecimal, because the field is text whose bytes are the nonce.
  const nonce = randomBytes(6).toString("hex");
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(originalType));
  const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return {
    algorithm,
    ciphertext: sealed.toString("base64"),
    nonce,
    associated_data: originalType,
    original_type: originalType,
  };
}

/** The plaintext; undefined when the fields are not those of a sealed resource, or the tag does not match. */
export function openResource(resource: JsonObject | undefined, key: Uint8Array): Buffer | undefined {
  const nonce = textField(resource, "nonce");
  const sealed = Buffer.from(textField(resource, "ciphertext") ?? "", "base64");
  if (textField(resource, "algorithm") !== algorithm || nonce === undefined) return undefined;
  if (Buffer.byteLength(nonce) !== 12 || sealed.length < tagBytes) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(textField(resource, "associated_data") ?? ""));
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]);
  } catch {
    return undefined;
  }
}
