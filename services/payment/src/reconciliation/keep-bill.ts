import type { BillLine } from "@sampan/miniprogram";
import type { Entry } from "../domain/difference.js";
import type { RunStore } from "../reconciliation-store.js";
import type { SumsByCurrency } from "./sums.js";

/**
 * Keeps a bill while it is downloaded, so that it can be read in the order of its references. Until the download has
 * ended well, nothing of it may be believed.
 */
export async function keepBill(
  lines: AsyncIterable<BillLine>,
  store: RunStore,
  sums: SumsByCurrency,
  pageEntries: number,
): Promise<void> {
  let waiting: Entry[] = [];
  let kept = 0;
  const flush = async (): Promise<void> => {
    const page = waiting;
    waiting = [];
    if (page.length > 0) await store.keepLines(page, kept);
    kept += page.length;
  };
  for await (const line of lines) {
    const entry = entryOf(line);
    sums.add(entry);
    waiting.push(entry);
    if (waiting.length >= pageEntries) await flush();
  }
  await flush();
}

function entryOf(line: BillLine): Entry {
  const { outTradeNo, amount, currency, transactionId } = line;
  const common = { orderId: outTradeNo, amount: { amount, currency }, transactionId };
  if (line.kind === "payment") return { kind: "payment", reference: outTradeNo, state: "succeeded", ...common };
  // What the platform gave back by itself has its own number only.
  const reference = line.outRefundNo === "" ? line.refundId : line.outRefundNo;
  return { kind: "refund", reference, state: line.state, ...common };
}
