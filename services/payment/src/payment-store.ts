import type { Call, Money } from "@sampan/core";
import type { Inquiry } from "./domain/inquiry.js";
import type { LedgerEntry, Payment } from "./domain/payment.js";
import type { Refund } from "./domain/refund.js";

/** Sums of the ledger and the wallets in one currency. */
export interface LedgerSums {
  readonly currency: string;
  readonly toppedUp: bigint;
  readonly charged: bigint;
  readonly refunded: bigint;
  readonly walletBalances: bigint;
  readonly payments: bigint;
  readonly refunds: bigint;
}

/** Something genuine from the platform that does not fit our books. */
export interface Irregularity {
  /** The same when it is told again. */
  readonly id: string;
  /** The registered reason of the error that it led to. */
  readonly reason: string;
  readonly orderId: string;
  readonly detail: string;
}

/** As it is kept; milliseconds since the epoch. */
export interface NotedIrregularity extends Irregularity {
  readonly firstAt: number;
  readonly lastAt: number;
  readonly times: bigint;
}

/** What waits for an answer of the platform. */
export interface Waiting {
  readonly payOrders: number;
  /** Milliseconds since the epoch. */
  readonly oldestPayOrder: number | undefined;
  readonly refundsOpen: number;
  readonly refundsAbnormal: number;
  readonly irregularities: number;
}

/** What one transaction may read and write. */
export interface PaymentChange {
  payment(orderId: string): Promise<Payment | undefined>;
  insert(payment: Payment): Promise<void>;
  update(payment: Payment): Promise<void>;
  balance(userId: string, currency: string): Promise<bigint>;
  /** Adds to a wallet, or takes from it; it never falls below zero. */
  addBalance(userId: string, money: Money): Promise<void>;
  /** Books an entry; booking the same kind and reference twice is an error of the program. */
  book(entry: LedgerEntry): Promise<void>;
  refund(refundId: string): Promise<Refund | undefined>;
  /** Every one of the order, however it ended. */
  refunds(orderId: string): Promise<readonly Refund[]>;
  insertRefund(refund: Refund): Promise<void>;
  updateRefund(refund: Refund): Promise<void>;
  /** Forgets a refund that the platform refused and has never taken. False when it is not there, or was taken. */
  dropRefund(refundId: string): Promise<boolean>;
  /** The platform will be asked, from `askAt` on. An inquiry that there is stays as it is. */
  inquire(inquiry: Inquiry): Promise<void>;
  /** Nothing is to be asked any more. */
  answered(kind: Inquiry["kind"], reference: string): Promise<void>;
  /** Takes up to `limit` inquiries that are due, and puts each off to when `next` says. */
  takeDue(now: number, limit: number, next: (inquiry: Inquiry) => Promise<number>): Promise<readonly Inquiry[]>;
  note(irregularity: Irregularity): Promise<void>;
  /** Whether the platform's notification is seen for the first time. */
  firstNotification(notificationId: string): Promise<boolean>;
  /** Whether the key is new. Throws `IDEMPOTENCY_KEY_REUSED` when it was used for another request. */
  claim(scope: string, key: string, request: unknown): Promise<boolean>;
  /** Tells the other services, after the commit, that the payment of an order is settled. */
  publishSettled(payment: Payment): Promise<void>;
  /** Starts the durable work that gives back money of an order that is gone; `id` tells one such work from another. */
  startGivingBack(orderId: string, id: string): Promise<void>;
}

export interface PaymentStore {
  change<T>(call: Call, work: (change: PaymentChange) => Promise<T>): Promise<T>;
  payment(orderId: string): Promise<Payment | undefined>;
  list(limit: number, after: string | undefined): Promise<Payment[]>;
  listRefunds(limit: number, after: string | undefined, openOnly: boolean): Promise<Refund[]>;
  listIrregularities(limit: number, after: string | undefined): Promise<NotedIrregularity[]>;
  balances(userId: string): Promise<Money[]>;
  sums(): Promise<LedgerSums[]>;
  waiting(): Promise<Waiting>;
}
