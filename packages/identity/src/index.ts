export { IdentityErrors } from "./tokens/token-errors.js";
export { defaultTokenLifetimeMs, type TokenIssuerOptions, tokenIssuer } from "./tokens/token-issuer.js";
export { createTokenKeys, type PublicTokenKey, type PublicTokenKeys, type TokenKeys } from "./tokens/token-keys.js";
export { loadOrCreateTokenKeys } from "./tokens/token-keys-file.js";
export { type TokenVerifierOptions, tokenVerifier } from "./tokens/token-verifier.js";
