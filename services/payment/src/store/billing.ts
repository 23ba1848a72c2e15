import type { BillingWindow } from "../domain/payment.js";

/** Columns that say when the platform moved the money; both 0 before it did. */
interface BillingColumns {
  bill_from: bigint;
  bill_to: bigint;
}

export function toBilling({ bill_from, bill_to }: BillingColumns): BillingWindow | undefined {
  return bill_to === 0n ? undefined : { from: Number(bill_from), to: Number(bill_to) };
}

export function fromBilling(billing: BillingWindow | undefined): BillingColumns {
  return { bill_from: BigInt(billing?.from ?? 0), bill_to: BigInt(billing?.to ?? 0) };
}
