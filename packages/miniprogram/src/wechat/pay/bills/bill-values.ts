import { parseChinaTime } from "../../../china-time.js";
import type { RefundState } from "../../../pay.js";
import { BillDefect } from "./line-splitter.js";

/** An amount in yuan with two decimals, as fen. */
export function fenOf(text: string): bigint {
  const match = /^(-?)([0-9]{1,15})\.([0-9]{2})$/.exec(text);
  if (match === null) throw new BillDefect("an amount is not yuan with two decimals");
  const fen = BigInt(`${match[2]}${match[3]}`);
  return match[1] === "-" ? -fen : fen;
}

/** A fee in yuan with up to five decimals, as thousandths of a fen. */
export function feeOf(text: string): bigint {
  const match = /^(-?)([0-9]{1,12})(?:\.([0-9]{1,5}))?$/.exec(text);
  if (match === null) throw new BillDefect("a fee is not yuan with at most five decimals");
  const thousandths = BigInt(`${match[2]}${(match[3] ?? "").padEnd(5, "0")}`);
  return match[1] === "-" ? -thousandths : thousandths;
}

/** `2026-11-20 13:05:09` in China, as milliseconds since the epoch. */
export function timeOf(text: string): number {
  const time = parseChinaTime(text);
  if (time === undefined) throw new BillDefect("a time is not like 2026-11-20 13:05:09");
  return time;
}

/** Bills have their own words for the states of a refund. */
const refundStates: Readonly<Record<string, RefundState>> = {
  SUCCESS: "succeeded",
  PROCESSING: "processing",
  FAIL: "closed",
  CHANGE: "abnormal",
};

export function refundStateOf(text: string): RefundState {
  const state = Object.hasOwn(refundStates, text) ? refundStates[text] : undefined;
  if (state === undefined) throw new BillDefect("a refund is in a state that is not known");
  return state;
}
