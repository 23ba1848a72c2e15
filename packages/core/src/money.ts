import { Code } from "./code.js";
import { defineErrors, type Errors } from "./error-registry.js";

/** An amount in the smallest unit of its currency (fen, penny, cent). Never a float. The same shape as `money.v1.Money`. */
export interface Money {
  readonly amount: bigint;
  /** ISO 4217, such as `CNY`. */
  readonly currency: string;
}

/** Largest amount either side of zero: sums of many of these still fit a signed 64-bit column. */
export const maxMoney = 1_000_000_000_000_000n;

export const MoneyErrors: Errors<"CURRENCY_MISMATCH" | "AMOUNT_TOO_LARGE"> = defineErrors("money", {
  CURRENCY_MISMATCH: {
    code: Code.InvalidArgument,
    message: "{left} and {right} cannot be added",
    fix: "use one currency in one order",
  },
  AMOUNT_TOO_LARGE: {
    code: Code.InvalidArgument,
    message: "the amount {amount} is beyond the limit of {limit}",
    fix: "split the order",
  },
});

/** Throws `CURRENCY_MISMATCH` or `AMOUNT_TOO_LARGE`. */
export function addMoney(left: Money, right: Money): Money {
  if (left.currency !== right.currency) {
    throw MoneyErrors.CURRENCY_MISMATCH({ left: left.currency, right: right.currency });
  }
  return checked(left.amount + right.amount, left.currency);
}

/** Throws `AMOUNT_TOO_LARGE`. */
export function multiplyMoney(money: Money, times: bigint): Money {
  return checked(money.amount * times, money.currency);
}

export function sameMoney(left: Money, right: Money): boolean {
  return left.amount === right.amount && left.currency === right.currency;
}

function checked(amount: bigint, currency: string): Money {
  if (amount > maxMoney || amount < -maxMoney) {
    throw MoneyErrors.AMOUNT_TOO_LARGE({ amount: String(amount), limit: String(maxMoney) });
  }
  return { amount, currency };
}
