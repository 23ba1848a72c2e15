import { Code, defineErrors } from "@sampan/core";

export const PaymentErrors = defineErrors("payment", {
  INSUFFICIENT_BALANCE: {
    code: Code.FailedPrecondition,
    message: "the wallet holds {balance} {currency}, {amount} are needed",
    fix: "top up the wallet, or pay through the platform",
  },
  PAYMENT_VOIDED: {
    code: Code.FailedPrecondition,
    message: "the payment of order {order} was voided",
    fix: "place a new order",
  },
  PAYMENT_CHANGED: {
    code: Code.AlreadyExists,
    message: "order {order} has a payment with another user, amount or kind",
    fix: "place a new order for another amount",
  },
  UNKNOWN_PAYMENT: {
    code: Code.NotFound,
    message: "there is no payment for order {order}",
    fix: "check the order id; a callback for an unknown order is retried by the platform",
  },
  NOT_PAID: {
    code: Code.FailedPrecondition,
    message: "order {order} is not paid",
    fix: "refund after it was paid; cancel an order that is not",
  },
  REFUND_TOO_MUCH: {
    code: Code.FailedPrecondition,
    message: "refunding {amount} of order {order} would give back more than was paid ({left} are left)",
    fix: "refund at most what is left",
  },
  REFUND_CHANGED: {
    code: Code.AlreadyExists,
    message: "refund {refund} exists with another order or amount",
    fix: "use a new refund id for another refund",
  },
  REFUND_PROCESSING: {
    code: Code.Unavailable,
    message: "the platform still works on refund {refund}",
    fix: "ask again later under the same refund id",
  },
  REFUND_ABNORMAL: {
    code: Code.Unavailable,
    message: "the platform could not carry out refund {refund}",
    fix: "settle it by hand on the merchant platform; the refund is noticed then, and its money counts until then",
  },
  REFUND_CLOSED: {
    code: Code.FailedPrecondition,
    message: "the platform has closed refund {refund}: nothing was given back",
    fix: "ask for it again under a new refund id",
  },
  REFUND_TOO_MANY: {
    code: Code.FailedPrecondition,
    message: "order {order} has had {limit} refunds, and platforms allow no more",
    fix: "give the rest back by hand on the merchant platform",
  },
  REFUND_CONTRADICTED: {
    code: Code.FailedPrecondition,
    message: "refund {refund} is {state} in the books, and the platform now says {told}",
    fix: "look into it: what was booked stays; compare with the merchant platform",
  },
  UNKNOWN_REFUND: {
    code: Code.NotFound,
    message: "there is no refund {refund}",
    fix: "check the refund id; a refund that was made by hand on the merchant platform is not in the books",
  },
  AMOUNT_MISMATCH: {
    code: Code.FailedPrecondition,
    message: "the platform says {paid} for order {order}, the books say {amount}",
    fix: "look into it: what the platform said is genuine but does not fit; nothing was booked",
  },
  DAY_INVALID: {
    code: Code.InvalidArgument,
    message: "{date} cannot be reconciled: {why}",
    fix: "name a day that is over, at most three months ago, as 2026-11-20",
  },
  UNKNOWN_RECONCILIATION: {
    code: Code.NotFound,
    message: "{date} was not reconciled yet",
    fix: "ask for it with ReconcileDay",
  },
  RECONCILIATION_TAKEN_OVER: {
    code: Code.Aborted,
    message: "another instance has taken over the reconciliation of {date}",
    fix: "nothing: that one brings it to its end",
  },
  RECONCILIATION_STOPPED: {
    code: Code.Unavailable,
    message: "the reconciliation of {date} was left off, because its process stops",
    fix: "nothing: it is begun again",
  },
  AMOUNT_NOT_POSITIVE: {
    code: Code.InvalidArgument,
    message: "the amount must be positive, not {amount}",
    fix: "give an amount of at least one smallest unit",
  },
});
