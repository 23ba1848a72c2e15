/**
 * The platform's rules that a stand-in can relax, with the real ones as defaults. Everything else is always strict.
 * An embedded platform for development sets `refundSpacingMs: 0`, so that a person, or a replay, need not wait.
 */
export interface StandinRules {
  /** Life of a login code, ms. Real: 5 minutes. */
  readonly loginCodeMs: number;
  /** Logins of one user in a minute, above which 45011 is answered. An older vendor page says 100. */
  readonly loginsPerUserPerMinute: number;
  /** Life of a phone button's code, ms. Real: 5 minutes. */
  readonly phoneCodeMs: number;
  /** Life of a session key when nothing ends it earlier, ms. The real one does not say. */
  readonly sessionMs: number;
  /** Phone numbers asked for in a minute. */
  readonly phoneNumbersPerMinute: number;
  /** Messages sent in a day, above which 45009 is answered. */
  readonly messagesPerDay: number;
  /** Forced token renewals: so many a day, and so far apart (ms). Real: 20 and 30 s. */
  readonly forcedTokensPerDay: number;
  readonly forcedTokenSpacingMs: number;
  /** Token requests in a minute and a day. Real: 10,000 and 500,000. */
  readonly tokensPerMinute: number;
  readonly tokensPerDay: number;
  /** How often a push is delivered when nobody answers it, and how long each may take, ms. Real: 3 times, 5 s. */
  readonly pushDeliveries: number;
  readonly pushTimeoutMs: number;
  /** Life of an order that says nothing about it, and of a prepay id, ms. Real: 7 days and 2 hours. */
  readonly orderLifeMs: number;
  readonly prepayMs: number;
  /** Signed requests of the merchant in a second, by kind; 429 FREQUENCY_LIMITED above. Real: 600, 1800, 150, 300. */
  readonly payRequestsPerSecond: {
    readonly orders: number;
    readonly queries: number;
    readonly refunds: number;
    readonly refundQueries: number;
  };
  /** Between two refunds of one order, ms. Real: 1 minute. */
  readonly refundSpacingMs: number;
  /** Refunds of one order. Real: 50. */
  readonly refundsPerOrder: number;
  /** How long a paid order can be refunded, ms. Real: 365 days. */
  readonly refundableMs: number;
  /** Until a refund that was accepted has succeeded, ms; 0 answers SUCCESS at once. The real one often needs seconds. */
  readonly refundSettleMs: number;
  /** Accepted currencies. Real, for a domestic merchant: CNY only. */
  readonly currencies: readonly string[];
  /** Waiting times before the second, third, … delivery of a callback, ms. Real: 15 of them over 24 hours. */
  readonly callbackRetriesMs: readonly number[];
  /** How long a callback may take to be answered, ms. Real: 5 s. */
  readonly callbackTimeoutMs: number;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

export const realRules: StandinRules = {
  loginCodeMs: 5 * minute,
  loginsPerUserPerMinute: 100,
  phoneCodeMs: 5 * minute,
  sessionMs: 72 * hour,
  phoneNumbersPerMinute: 10_000,
  messagesPerDay: 10_000_000,
  forcedTokensPerDay: 20,
  forcedTokenSpacingMs: 30 * second,
  tokensPerMinute: 10_000,
  tokensPerDay: 500_000,
  pushDeliveries: 3,
  pushTimeoutMs: 5 * second,
  orderLifeMs: 7 * 24 * hour,
  prepayMs: 2 * hour,
  payRequestsPerSecond: { orders: 600, queries: 1800, refunds: 150, refundQueries: 300 },
  refundSpacingMs: minute,
  refundsPerOrder: 50,
  refundableMs: 365 * 24 * hour,
  refundSettleMs: 0,
  currencies: ["CNY"],
  callbackRetriesMs: [
    15 * second,
    15 * second,
    30 * second,
    3 * minute,
    10 * minute,
    20 * minute,
    30 * minute,
    30 * minute,
    30 * minute,
    hour,
    3 * hour,
    3 * hour,
    3 * hour,
    6 * hour,
    6 * hour,
  ],
  callbackTimeoutMs: 5 * second,
};

/** For an embedded platform: nobody waits between two refunds, and a load test is not held to a merchant's quotas. */
export const relaxedRules: Pick<StandinRules, "refundSpacingMs" | "payRequestsPerSecond"> = {
  refundSpacingMs: 0,
  payRequestsPerSecond: { orders: Infinity, queries: Infinity, refunds: Infinity, refundQueries: Infinity },
};
