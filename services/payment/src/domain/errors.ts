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
    code: Code.FailedPrecondition,
    message: "the platform could not carry out refund {refund}: {state}",
    fix: "settle it by hand on the merchant platform",
  },
  AMOUNT_MISMATCH: {
    code: Code.FailedPrecondition,
    message: "the callback for order {order} says {paid}, the order costs {amount}",
    fix: "look into it: the notification is signed but does not fit; nothing was booked",
  },
  AMOUNT_NOT_POSITIVE: {
    code: Code.InvalidArgument,
    message: "the amount must be positive, not {amount}",
    fix: "give an amount of at least one smallest unit",
  },
});
