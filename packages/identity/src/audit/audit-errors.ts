import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason = "AUDIT_DAMAGED" | "AUDIT_CLOSED" | "AUDIT_ENTRY" | "AUDIT_IN_USE";

/** Of the audit trail. */
export const AuditErrors: Errors<Reason> = defineErrors("audit", {
  AUDIT_DAMAGED: {
    code: Code.DataLoss,
    message: "the audit trail is damaged at {file}:{line}: {why}",
    fix: "keep the folder as it is for whoever investigates, and begin a trail in another one",
  },
  AUDIT_CLOSED: {
    code: Code.Unavailable,
    message: "the audit trail takes no more entries: {why}",
    fix: "restart the process when the disk has room again; what was acknowledged is kept",
  },
  AUDIT_ENTRY: {
    code: Code.InvalidArgument,
    message: "an audit entry cannot be written: {field} {why}",
    fix: "name things by short ids; details belong in the log, by the trace id",
  },
  AUDIT_IN_USE: {
    code: Code.FailedPrecondition,
    message: "the audit trail in {folder} is written by process {pid}",
    fix: "give each process a folder of its own",
  },
});
