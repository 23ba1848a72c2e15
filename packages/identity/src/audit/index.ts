/** Who did what to which tenant: an append-only, hash-chained trail. */
export { AuditErrors } from "./audit-errors.js";
export { type AuditingOptions, auditing } from "./auditing.js";
export type { ChainHead } from "./chain.js";
export type { AuditEntry, AuditEvent } from "./entry.js";
export { type AuditFilter, exportTrail } from "./export-trail.js";
export { type AuditTrail, type AuditTrailOptions, openAuditTrail } from "./trail.js";
export { type TrailProblem, type TrailReport, type VerifyOptions, verifyTrail } from "./verify-trail.js";
