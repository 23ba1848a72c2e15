import type { Phone } from "./phone.js";

/** A person, as one mini-program platform knows them. */
export interface User {
  readonly userId: string;
  /** Such as `wechat`. Together with the openid it names one user. */
  readonly provider: string;
  readonly openid: string;
  /** Empty when the platform gave none. */
  readonly unionid: string;
  readonly nickname: string;
  /** Both empty when none is bound. */
  readonly phone: Phone;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** A platform may tell the unionid only at a later login; one that is known is never forgotten. */
export function learnUnionid(user: User, unionid: string): User {
  return unionid === "" || user.unionid === unionid ? user : { ...user, unionid };
}

/** A user who has told nothing yet. */
export function newUser(known: Pick<User, "userId" | "provider" | "openid" | "unionid" | "createdAt">): User {
  return { ...known, nickname: "", phone: { number: "", countryCode: "" } };
}
