/** What a token says of its bearer. */
export interface TokenClaims {
  /** The user or operator id. */
  readonly subject: string;
  /** `user`, `operator`, … */
  readonly roles: readonly string[];
  readonly tenant: string;
  /** What the bearer may do beside what the roles allow; none when absent. */
  readonly scopes?: readonly string[];
  /** The login that the token comes from; ending it ends the token. Absent: only the token's expiry does. */
  readonly session?: string;
}

export interface IssuedToken {
  readonly token: string;
  /** Seconds until it expires. */
  readonly expiresIn: number;
}

export interface TokenIssuer {
  issue(claims: TokenClaims): Promise<IssuedToken>;
}

/**
 * Rejects with an `RpcError`: of code `Unauthenticated`, registered as `TOKEN_EXPIRED`, `TOKEN_REVOKED` or
 * `TOKEN_INVALID`; or of code `Unavailable` while nothing can be said of any token.
 */
export interface TokenVerifier {
  verify(token: string): Promise<TokenClaims>;
}
