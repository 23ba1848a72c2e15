import type { Call, Money } from "@sampan/core";
import type { LedgerEntry, Payment } from "./domain/payment.js";

export interface RefundRecord {
  readonly refundId: string;
  readonly orderId: string;
  readonly amount: Money;
  readonly done: boolean;
}

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
  refund(refundId: string): Promise<RefundRecord | undefined>;
  /** Refunds of the order that are not done. */
  pendingRefunds(orderId: string): Promise<bigint>;
  insertRefund(refund: RefundRecord): Promise<void>;
  finishRefund(refundId: string): Promise<void>;
  /** Forgets a refund that the platform refused and that is not done. */
  dropRefund(refundId: string): Promise<void>;
  /** Whether the platform's notification is seen for the first time. */
  firstNotification(notificationId: string): Promise<boolean>;
  /** Whether the key is new. Throws `IDEMPOTENCY_KEY_REUSED` when it was used for another request. */
  claim(scope: string, key: string, request: unknown): Promise<boolean>;
  /** Tells the other services, after the commit, that the payment of an order is settled. */
  publishSettled(payment: Payment): Promise<void>;
  /** Starts the durable work that gives back money which came too late. */
  startGivingBack(orderId: string): Promise<void>;
}

export interface PaymentStore {
  change<T>(call: Call, work: (change: PaymentChange) => Promise<T>): Promise<T>;
  payment(orderId: string): Promise<Payment | undefined>;
  list(limit: number, after: string | undefined): Promise<Payment[]>;
  balances(userId: string): Promise<Money[]>;
  sums(): Promise<LedgerSums[]>;
}
