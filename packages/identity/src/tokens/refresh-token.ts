import { createHmac, timingSafeEqual } from "node:crypto";

/** What a refresh token says: the session that it continues, and how many there were before it. */
export interface RefreshToken {
  readonly session: string;
  readonly generation: number;
}

/**
 * Writes and reads refresh tokens: `sr1.<session>.<generation>.<mac>`. The MAC (HMAC-SHA-256) makes each of them one that
 * the issuer has written, so that an old one is known as such without being stored, a guessed one ends nobody's session,
 * and the successor of a token is the same whenever it is asked for. Nothing that is stored is enough to make one.
 */
export interface RefreshTokenCodec {
  write(token: RefreshToken): string;
  /** Undefined for everything that this codec has not written. */
  read(text: string): RefreshToken | undefined;
}

const form = /^sr1\.([0-9A-Za-z_-]{1,64})\.(0|[1-9]\d{0,8})\.([A-Za-z0-9_-]{43})$/;
const minSecretBytes = 32;

/** Throws `TypeError` for a secret of less than 32 bytes. */
export function refreshTokenCodec(secret: Uint8Array): RefreshTokenCodec {
  if (secret.length < minSecretBytes) throw new TypeError(`a secret for refresh tokens has ${minSecretBytes} bytes`);
  const key = Buffer.from(secret);
  const macOf = (signed: string): Buffer => createHmac("sha256", key).update(signed).digest();
  return {
    write({ session, generation }) {
      const signed = `sr1.${session}.${generation}`;
      const text = `${signed}.${macOf(signed).toString("base64url")}`;
      if (!form.test(text)) throw new TypeError("a session id has up to 64 letters, digits, - and _");
      return text;
    },
    read(text) {
      const [, session, generation, mac] = form.exec(text) ?? [];
      if (session === undefined || generation === undefined || mac === undefined) return undefined;
      const given = Buffer.from(mac, "base64url");
      const expected = macOf(`sr1.${session}.${generation}`);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      return { session, generation: Number(generation) };
    },
  };
}
