import type { Difference } from "../domain/difference.js";

export function walletDiffers(user: string, currency: string, holds: bigint, due: bigint): Difference {
  return {
    kind: "wallet-differs",
    entry: "wallet",
    reference: user,
    orderId: "",
    ours: { amount: holds, currency },
    theirs: { amount: due, currency },
    ourState: "",
    theirState: "",
    reason: "the wallet holds another amount than its entries in the ledger add up to",
  };
}
