import type { Revocation } from "./revocations.js";
import type { PublicTokenKeys } from "./token-keys.js";

/** Where a verifier learns what its issuer publishes. */
export interface IssuerSource {
  keys(): Promise<PublicTokenKeys>;
  /**
   * What was revoked after the entry that `after` names, in the order in which it was recorded; 0: everything that still
   * matters. An answer may be a part; `last` is then asked for next, until it comes back unchanged.
   */
  revocations(after: number): Promise<{ readonly revocations: readonly Revocation[]; readonly last: number }>;
}
