import { MiniProgramErrors } from "../../errors.js";

/** Above a hundred million yuan the platform takes nothing (`total_amount`, alipay.trade.create). */
const mostFen = 10_000_000_000n;

/** Fen as the platform's decimal text, `1200n` → `12.00`. Throws `AMOUNT_UNSUPPORTED`, `CURRENCY_UNSUPPORTED`. */
export function yuan(amount: bigint, currency: string): string {
  if (currency !== "CNY") throw MiniProgramErrors.CURRENCY_UNSUPPORTED({ currency });
  if (amount < 1n || amount > mostFen) throw MiniProgramErrors.AMOUNT_UNSUPPORTED({ amount: String(amount) });
  const digits = String(amount).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** By digits, never through a float; undefined for anything that is not an amount of yuan. */
export function fen(text: string | undefined): bigint | undefined {
  const match = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(text ?? "");
  if (match === null) return undefined;
  const [, whole = "", part = ""] = match;
  return BigInt(whole + part.padEnd(2, "0"));
}
