import type { KeyObject } from "node:crypto";

/** Where the keys come from that the platform signs with, each known by what `Wechatpay-Serial` says. */
export interface PlatformKeySource {
  /** Undefined: nobody we know. May look for new keys first; rejects only when that was cut short. */
  find(serial: string): Promise<KeyObject | undefined>;
}

/** Keys that do not change. */
export function fixedKeys(keys: ReadonlyMap<string, KeyObject>): PlatformKeySource {
  return { find: (serial) => Promise.resolve(keys.get(serial)) };
}
