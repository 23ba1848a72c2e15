/** A login: the family of its refresh tokens. Times in ms since the epoch. */
export interface Session {
  readonly sessionId: string;
  readonly subject: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly device: string;
  /** Of its newest refresh token. */
  readonly generation: number;
  readonly rotatedAt: number;
  readonly expiresAt: number;
  /** 0 while it has not been ended. */
  readonly endedAt: number;
  /** What its requests are signed with. */
  readonly signingKey: string;
}

/** An account with a password. */
export interface Operator {
  readonly name: string;
  readonly roles: readonly string[];
  readonly passwordHash: string;
}

/** What tokens call an operator: no user has such an id. */
export function operatorSubject(name: string): string {
  return `operator/${name}`;
}
