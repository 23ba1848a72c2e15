export { PasswordErrors } from "./passwords/password-errors.js";
export { defaultHashCost, type HashCost } from "./passwords/password-hash.js";
export { defaultPasswordLimits, type PasswordLimits } from "./passwords/password-limits.js";
export { Passwords, type PasswordsOptions, type PasswordTry } from "./passwords/password-login.js";
export {
  canonicalRequest,
  type SignedRequest,
  signatureHeader,
  signatureScheme,
} from "./signatures/canonical-request.js";
export { type RequestToSign, type SigningCrypto, type SigningKey, signRequest } from "./signatures/sign-request.js";
export { SignatureErrors } from "./signatures/signature-errors.js";
export {
  type BodyCheck,
  type RequestToVerify,
  type SignatureVerifierOptions,
  signatureVerifier,
} from "./signatures/signature-verifier.js";
export { accessOf, authorization, authorize, type MethodAccess } from "./tokens/authorize.js";
export { IssuerFollower, type IssuerFollowerOptions } from "./tokens/issuer-follower.js";
export type { IssuerSource } from "./tokens/issuer-source.js";
export { defaultRotation, type RotationRules } from "./tokens/key-rotation.js";
export {
  decideRefresh,
  defaultRefreshRules,
  type RefreshDecision,
  type RefreshRules,
  type RefreshState,
} from "./tokens/refresh-decision.js";
export { type RefreshToken, type RefreshTokenCodec, refreshTokenCodec } from "./tokens/refresh-token.js";
export { type Revocation, Revocations } from "./tokens/revocations.js";
export { loadOrCreateSecret } from "./tokens/secret-file.js";
export { servedTenants } from "./tokens/served-tenants.js";
export { IdentityErrors } from "./tokens/token-errors.js";
export { defaultTokenLifetimeMs, type TokenIssuerOptions, tokenIssuer } from "./tokens/token-issuer.js";
export { openTokenKeyRing, type TokenKeyRing, type TokenKeyRingOptions } from "./tokens/token-key-ring.js";
export { TokenKeySet, type VerifyingKey } from "./tokens/token-key-set.js";
export {
  createTokenKeys,
  type PublicTokenKey,
  type PublicTokenKeys,
  type TokenAlgorithm,
  type TokenKeys,
} from "./tokens/token-keys.js";
export { loadOrCreateTokenKeys } from "./tokens/token-keys-file.js";
export { type TokenVerifierOptions, tokenVerifier } from "./tokens/token-verifier.js";
