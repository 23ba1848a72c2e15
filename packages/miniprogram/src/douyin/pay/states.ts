import type { PayState, RefundState } from "../../pay.js";

/** An order says nothing of its refunds. */
export const payStates: Readonly<Record<string, PayState>> = {
  PROCESSING: "unpaid",
  SUCCESS: "paid",
  TIMEOUT: "closed",
  FAIL: "failed",
};

export const refundStates: Readonly<Record<string, RefundState>> = {
  PROCESSING: "processing",
  SUCCESS: "succeeded",
  FAIL: "closed",
};
