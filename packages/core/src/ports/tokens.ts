/** What a token says of its bearer. */
export interface TokenClaims {
  /** The user or operator id. */
  readonly subject: string;
  /** `user`, `operator`, … */
  readonly roles: readonly string[];
  readonly tenant: string;
}

export interface IssuedToken {
  readonly token: string;
  /** Seconds until it expires. */
  readonly expiresIn: number;
}

export interface TokenIssuer {
  issue(claims: TokenClaims): Promise<IssuedToken>;
}

/** Rejects with an `RpcError` of code `Unauthenticated`, registered as `TOKEN_EXPIRED` or `TOKEN_INVALID`. */
export interface TokenVerifier {
  verify(token: string): Promise<TokenClaims>;
}
