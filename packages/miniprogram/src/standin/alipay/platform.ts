import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import type { StandinContext } from "../context.js";
import type { User } from "../state/state.js";
import type { AlipayStandinKeys } from "../vendor/keys.js";

/** What every part of the stand-in's Alipay works with. */
export interface AlipayPlatform {
  readonly context: StandinContext;
  readonly keys: AlipayStandinKeys;
  /** Verifies requests. */
  readonly appKey: KeyObject;
  /** Signs answers and notifications. */
  readonly platformKey: KeyObject;
}

export function alipayPlatform(context: StandinContext, keys: AlipayStandinKeys): AlipayPlatform {
  return {
    context,
    keys,
    appKey: createPublicKey(keys.app.publicKey),
    platformKey: createPrivateKey(keys.platform.privateKey),
  };
}

/** The account's id of a user, whose `openid` is its id within the app: 16 digits that begin with 2088. */
export function userIdOf(openid: string): string {
  const number = createHash("sha256").update(openid).digest().readBigUInt64BE(0);
  return `2088${String(number).padStart(20, "0").slice(-12)}`;
}

/** The user that a request names, by either id. */
export function findUser(
  { context }: AlipayPlatform,
  openId: string | undefined,
  userId: string | undefined,
): User | undefined {
  const { users } = context.store.state;
  if (openId !== undefined) return users.get(openId);
  if (userId === undefined) return undefined;
  for (const user of users.values()) if (userIdOf(user.openid) === userId) return user;
  return undefined;
}
