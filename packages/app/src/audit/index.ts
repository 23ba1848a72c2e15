export type { AuditSettings } from "./audit-settings.js";
export { auditName, openAudit, type ProcessAudit } from "./process-audit.js";
