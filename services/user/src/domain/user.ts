import type { Phone } from "./phone.js";

/** A person, known by one identity at least. */
export interface User {
  readonly userId: string;
  /** Where the user came from first, such as `wechat`, and what they are called there. */
  readonly provider: string;
  readonly openid: string;
  /** Empty when no platform gave one. */
  readonly unionid: string;
  readonly nickname: string;
  /** Both empty when none is bound. */
  readonly phone: Phone;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** What one app of a platform calls a user. */
export interface Identity {
  /** Such as `wechat`, or `wechat-tickets` for a second app. Together with the openid it names one user. */
  readonly provider: string;
  readonly openid: string;
}

/** A platform may tell the unionid only at a later login; one that is known is never forgotten. */
function learnUnionid(user: User, unionid: string): User {
  return unionid === "" || user.unionid === unionid ? user : { ...user, unionid };
}

/** A user who has told nothing yet. */
export function newUser(known: Pick<User, "userId" | "provider" | "openid" | "unionid" | "createdAt">): User {
  return { ...known, nickname: "", phone: { number: "", countryCode: "" } };
}

/**
 * The vendor behind a provider's name: what stands before its first hyphen. A unionid is one person in all the apps of one
 * vendor; another vendor could have the same text, or make it up, and is not believed.
 */
export function vendorOf(provider: string): string {
  return provider.split("-", 1)[0] as string;
}

/** What a login means: whose it is, and what is to be written down. */
export type Recognition =
  | { readonly kind: "known"; readonly user: User }
  /** Known by the openid; the unionid is new. */
  | { readonly kind: "learn"; readonly user: User }
  /** Known by the unionid from another app: the openid becomes one of theirs. */
  | { readonly kind: "join"; readonly user: User }
  | { readonly kind: "new" };

/**
 * The openid decides before the unionid does. Two users who turn out to be one person stay two: nothing that either of them
 * has is moved without being asked for.
 */
export function recognise(byOpenid: User | undefined, byUnionid: User | undefined, unionid: string): Recognition {
  if (byOpenid !== undefined) {
    const user = learnUnionid(byOpenid, unionid);
    return user === byOpenid || byUnionid !== undefined ? { kind: "known", user: byOpenid } : { kind: "learn", user };
  }
  return byUnionid === undefined ? { kind: "new" } : { kind: "join", user: byUnionid };
}
