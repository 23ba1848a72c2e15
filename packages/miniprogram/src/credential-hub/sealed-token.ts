import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { integerField, parseObject, textField } from "../json-fields.js";
import type { AccessToken } from "./access-token.js";

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * A token as the shared store holds it: AES-256-GCM under a key that is derived from the app's secret, bound to the
 * record's name. Whoever reads the store (its operators, its backups, other services' processes) learns nothing; whoever
 * has the app's secret could fetch the token anyway, so there is no further key to hand out.
 */
export class TokenSeal {
  readonly #key: Uint8Array;
  readonly #name: Buffer;

  constructor(appSecret: string, name: string) {
    this.#key = new Uint8Array(hkdfSync("sha256", appSecret, "", "sampan credential hub", 32));
    this.#name = Buffer.from(name, "utf8");
  }

  seal(token: AccessToken): Uint8Array {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: tagBytes });
    cipher.setAAD(this.#name);
    const sealed = Buffer.concat([cipher.update(JSON.stringify(token), "utf8"), cipher.final()]);
    return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), sealed]);
  }

  /** Undefined for what we cannot read: of another secret (which was changed), another version, or damaged. */
  open(record: Uint8Array): AccessToken | undefined {
    const bodyAt = 1 + nonceBytes + tagBytes;
    if (record.length < bodyAt || record[0] !== version) return undefined;
    try {
      const nonce = record.subarray(1, 1 + nonceBytes);
      const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: tagBytes });
      decipher.setAAD(this.#name);
      decipher.setAuthTag(record.subarray(1 + nonceBytes, bodyAt));
      const object = parseObject(Buffer.concat([decipher.update(record.subarray(bodyAt)), decipher.final()]));
      const value = textField(object, "value");
      const expiresAt = integerField(object, "expiresAt");
      return value === undefined || expiresAt === undefined ? undefined : { value, expiresAt };
    } catch {
      return undefined;
    }
  }
}
