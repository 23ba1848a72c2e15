import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { PaymentKind, PaymentStatus } from "@sampan/contracts/payment/v1/payment_pb.js";
import { DifferenceKind, ReconciliationStatus } from "@sampan/contracts/payment/v1/reconciliation_pb.js";
import { RefundState } from "@sampan/contracts/payment/v1/refund_pb.js";
import type { Difference, DifferenceKind as KindOfDifference } from "./domain/difference.js";
import type { Payment } from "./domain/payment.js";
import type { Refund, RefundState as StateOfRefund } from "./domain/refund.js";
import type { NotedIrregularity } from "./payment-store.js";
import type { Reconciliation } from "./reconciliation-store.js";

const kinds = { wallet: PaymentKind.WALLET, "pay-order": PaymentKind.PAY_ORDER } as const;
const statuses = { awaiting: PaymentStatus.AWAITING, paid: PaymentStatus.PAID, voided: PaymentStatus.VOIDED } as const;

export function paymentMessage(payment: Payment) {
  const { orderId, userId, amount, transactionId } = payment;
  const { currency } = amount;
  return {
    orderId,
    userId,
    amount,
    transactionId,
    kind: kinds[payment.kind],
    status: statuses[payment.status],
    charged: { amount: payment.charged, currency },
    refunded: { amount: payment.refunded, currency },
    createdAt: timestampFromMs(payment.createdAt),
  };
}

const refundStates: Readonly<Record<StateOfRefund, RefundState>> = {
  asked: RefundState.ASKED,
  processing: RefundState.PROCESSING,
  succeeded: RefundState.SUCCEEDED,
  closed: RefundState.CLOSED,
  abnormal: RefundState.ABNORMAL,
};

export function refundMessage({ refundId, orderId, amount, state, createdAt, platformRefundId }: Refund) {
  return {
    refundId,
    orderId,
    amount,
    platformRefundId,
    state: refundStates[state],
    createdAt: timestampFromMs(createdAt),
  };
}

export function irregularityMessage({ id, reason, orderId, detail, firstAt, lastAt, times }: NotedIrregularity) {
  return {
    id,
    reason,
    orderId,
    detail,
    times,
    firstAt: timestampFromMs(firstAt),
    lastAt: timestampFromMs(lastAt),
  };
}

const reconciliationStatuses = {
  waiting: ReconciliationStatus.WAITING,
  running: ReconciliationStatus.RUNNING,
  done: ReconciliationStatus.DONE,
} as const;

const differences: Readonly<Record<KindOfDifference, DifferenceKind>> = {
  "missing-here": DifferenceKind.MISSING_HERE,
  "missing-there": DifferenceKind.MISSING_THERE,
  "amount-differs": DifferenceKind.AMOUNT_DIFFERS,
  "state-differs": DifferenceKind.STATE_DIFFERS,
  "reference-differs": DifferenceKind.REFERENCE_DIFFERS,
  duplicate: DifferenceKind.DUPLICATE,
  "wallet-differs": DifferenceKind.WALLET_DIFFERS,
  "ledger-differs": DifferenceKind.LEDGER_DIFFERS,
  "not-given-back": DifferenceKind.NOT_GIVEN_BACK,
};

export function reconciliationMessage({ day, status, attempts, failure, finishedAt, result }: Reconciliation) {
  const { bill = [], books = [], counts = new Map<KindOfDifference, bigint>() } = result ?? {};
  return {
    date: day,
    status: reconciliationStatuses[status],
    attempts,
    failure,
    ...(finishedAt === undefined ? {} : { finishedAt: timestampFromMs(finishedAt) }),
    bill: [...bill],
    books: [...books],
    counts: [...counts].map(([kind, count]) => ({ kind: differences[kind], count })),
    differences: [...counts.values()].reduce((sum, count) => sum + count, 0n),
  };
}

export function differenceMessage(difference: Difference) {
  const { entry, reference, orderId, ours, theirs, ourState, theirState, reason } = difference;
  return {
    kind: differences[difference.kind],
    entry,
    reference,
    orderId,
    ourState,
    theirState,
    reason,
    ...(ours === undefined ? {} : { ours }),
    ...(theirs === undefined ? {} : { theirs }),
  };
}
