import { ConfigErrors } from "../errors.js";

/** The longest key that every backend takes, in characters. */
const maxKeyLength = 200;
/** What stands between slashes: what file systems, Consul, etcd and Nacos all take as it is. */
const part = /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/;

/** Throws `BAD_KEY` for a key that some backend could not hold, or that leads out of a folder. */
export function requireKey(key: string): void {
  if (key.length > maxKeyLength) throw ConfigErrors.BAD_KEY({ key: `${key.slice(0, 40)}…`, why: "it is too long" });
  if (key.split("/").every((each) => part.test(each))) return;
  throw ConfigErrors.BAD_KEY({ key, why: "each part consists of letters, digits, dots, hyphens and underscores" });
}

/** Throws `TOO_LARGE`. */
export function requireSize(key: string, text: string | undefined, limit: number): void {
  const size = text === undefined ? 0 : Buffer.byteLength(text);
  if (size > limit) throw ConfigErrors.TOO_LARGE({ key, size: `${size}`, limit: `${limit}` });
}
