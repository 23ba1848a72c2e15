import { AuditErrors } from "./audit-errors.js";

/** Who did what to which tenant: what a caller of the trail says. */
export interface AuditEvent {
  /** Whose data it was. */
  readonly tenant: string;
  /** The user or operator for whom it was done; empty for work without one. */
  readonly subject: string;
  /** The service at the other end of the call: a SPIFFE id or a name; empty when it is not known. */
  readonly caller: string;
  /** What was done, such as `order.v1.OrderService/RefundOrder`. */
  readonly action: string;
  /** To what, such as an order's id; empty when the action says it all. */
  readonly target: string;
  /** `OK`, or the code that it was refused or failed with. */
  readonly outcome: string;
  /** To find the rest; empty without a trace. */
  readonly traceId: string;
  /** A few more short facts. Never secrets. */
  readonly details: Readonly<Record<string, string>>;
}

/**
 * A line of the trail. `hash` is SHA-256 over the line without it, and `previous` the hash of the line before, so a line
 * cannot be changed, taken out or moved without changing every line after it.
 */
export interface AuditEntry extends AuditEvent {
  readonly kind: "event";
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly previous: string;
  readonly hash: string;
}

/** Written by the trail itself: the first line of each file, checkpoints, and what a crash has left. */
export interface AuditMark {
  readonly kind: "begin" | "checkpoint" | "recovered";
  readonly sequence: number;
  readonly at: string;
  /** Of `recovered`: octets of a line that a crash has cut off. */
  readonly dropped?: number;
  readonly previous: string;
  readonly hash: string;
}

export type AuditLine = AuditEntry | AuditMark;

const texts = ["tenant", "subject", "caller", "action", "target", "outcome", "traceId"] as const;
/** A SPIFFE id fits. */
const longestText = 2048;
const mostDetails = 32;

/** Throws `AUDIT_ENTRY`, naming the field. Nothing is cut: half an id would accuse somebody else. */
export function checkEvent(event: AuditEvent): void {
  for (const field of texts) {
    const value: unknown = event[field];
    if (typeof value !== "string" || value.length > longestText)
      throw bad(field, `is no text of up to ${longestText} characters`);
  }
  if (event.action === "") throw bad("action", "is empty");
  if (event.tenant === "") throw bad("tenant", "is empty");
  const details = Object.entries(event.details);
  if (details.length > mostDetails) throw bad("details", `has more than ${mostDetails} entries`);
  for (const [key, value] of details) {
    if (typeof value !== "string" || value.length > longestText || key.length > 128) {
      throw bad("details", "has a key above 128 or a value above 2048 characters, or no text");
    }
  }
}

function bad(field: string, why: string): Error {
  return AuditErrors.AUDIT_ENTRY({ field, why });
}
