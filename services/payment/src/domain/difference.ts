import type { Money } from "@sampan/core";
import type { RefundState } from "./refund.js";

export type DifferenceKind =
  | "missing-here"
  | "missing-there"
  | "amount-differs"
  | "state-differs"
  | "reference-differs"
  | "duplicate"
  | "wallet-differs"
  | "ledger-differs"
  | "not-given-back";

export const differenceKinds: readonly DifferenceKind[] = [
  "missing-here",
  "missing-there",
  "amount-differs",
  "state-differs",
  "reference-differs",
  "duplicate",
  "wallet-differs",
  "ledger-differs",
  "not-given-back",
];

/** Something in our books or on the platform's bill. */
export interface Entry {
  readonly kind: "payment" | "refund";
  /** The order of a payment, the refund's id. */
  readonly reference: string;
  readonly orderId: string;
  readonly amount: Money;
  /** Of a payment: `awaiting` as long as nothing was taken, otherwise `succeeded`. */
  readonly state: RefundState | "awaiting";
  readonly transactionId: string;
}

export interface Difference {
  readonly kind: DifferenceKind;
  readonly entry: Entry["kind"] | "wallet" | "ledger";
  readonly reference: string;
  readonly orderId: string;
  readonly ours: Money | undefined;
  readonly theirs: Money | undefined;
  readonly ourState: string;
  readonly theirState: string;
  readonly reason: string;
}

/**
 * Compares a line of the bill with what our books have under its reference; the worst difference, if there is one.
 * `before`: the bill had a line of this reference already.
 */
export function compareLine(ours: Entry | undefined, theirs: Entry, before: boolean): Difference | undefined {
  const told = (kind: DifferenceKind, reason: string): Difference => differ(kind, ours, theirs, reason);
  if (before) return told("duplicate", "the bill has another line of it");
  if (ours === undefined) return told("missing-here", `the platform has a ${theirs.kind} that our books do not know`);
  if (ours.orderId !== theirs.orderId) return told("reference-differs", `it belongs to order ${theirs.orderId} there`);
  if (ours.amount.amount !== theirs.amount.amount || ours.amount.currency !== theirs.amount.currency) {
    return told("amount-differs", "another amount was moved than we have booked");
  }
  if (!statesAgree(ours.state, theirs.state)) {
    return told("state-differs", `it is ${theirs.state} there and ${ours.state} here`);
  }
  if (ours.transactionId !== "" && theirs.transactionId !== ours.transactionId) {
    return told("reference-differs", `the platform's number is ${theirs.transactionId} there`);
  }
  return undefined;
}

/** What is in our books and not on the bill of its day. */
export function notOnBill(ours: Entry): Difference {
  return differ("missing-there", ours, undefined, `our books have a ${ours.kind} that the platform does not bill`);
}

function differ(kind: DifferenceKind, ours: Entry | undefined, theirs: Entry | undefined, reason: string): Difference {
  const { kind: entry, reference, orderId } = (ours ?? theirs) as Entry;
  return {
    kind,
    entry,
    reference,
    orderId,
    reason,
    ours: ours?.amount,
    theirs: theirs?.amount,
    ourState: ours?.state ?? "",
    theirState: theirs?.state ?? "",
  };
}

/** A bill is some hours old: what it calls under way, or abnormal, may have ended since. Never the other way round. */
function statesAgree(ours: Entry["state"], theirs: Entry["state"]): boolean {
  if (ours === theirs) return true;
  if (theirs === "processing") return ours !== "awaiting";
  return theirs === "abnormal" && ours === "succeeded";
}
