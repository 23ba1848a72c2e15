import type { Plan } from "./plan.js";
import type { ReplayOutcome } from "./replay.js";
import { currency } from "./shop.js";
import type { ExpectedSums } from "./sums-from-file.js";

/** What became of a replay, for a person, and whether everything is as it must be. */
export function report(
  plan: Plan,
  outcome: ReplayOutcome,
  expected: ExpectedSums,
): { readonly text: string; readonly exact: boolean } {
  const sorted = [...outcome.latencies].sort((a, b) => a - b);
  const at = (part: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(1);
  const checks = [
    check("charged", outcome.ledger.charged, BigInt(expected.charged)),
    check("refunded", outcome.ledger.refunded, BigInt(expected.refunded)),
  ];
  const payments = outcome.ledger.payments === BigInt(expected.orders);
  const exact =
    checks.every((each) => each.right) && payments && outcome.misplaced.length === 0 && outcome.refused.length === 0;
  const lines = [
    "",
    `orders      ${outcome.latencies.length} of ${plan.orders.length} confirmed (${plan.guests} of guests), ${(outcome.latencies.length / (outcome.elapsedMs / 1000)).toFixed(1)} a second`,
    `latency     p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms, from the request to the confirmation`,
    `refunds     ${outcome.refunds} of ${plan.refunds.length} done, from ${plan.cancellations} cancellations in the file`,
    `rejected    ${plan.rejected.length} lines of the file:`,
    ...counted(plan.rejected.map((each) => each.reason)),
    ...(outcome.refused.length === 0
      ? []
      : ["refused     by the platform:", ...counted(outcome.refused.map((each) => each.reason))]),
    "ledger",
    ...checks.map((each) => each.text),
    `  payments  ${outcome.ledger.payments}, the file says ${expected.orders} ${payments ? "✓" : "✗"}`,
    `  stock     ${outcome.misplaced.length === 0 ? "every piece is where it must be ✓" : `misplaced: ${outcome.misplaced.slice(0, 10).join(", ")} ✗`}`,
    "",
    exact ? "The ledger is exact." : "THE LEDGER IS NOT EXACT.",
  ];
  return { text: lines.join("\n"), exact };
}

function check(name: string, booked: bigint, expected: bigint): { readonly text: string; readonly right: boolean } {
  const right = booked === expected;
  return {
    right,
    text: `  ${name.padEnd(9)} ${pounds(booked)} booked, ${pounds(expected)} by the file ${right ? "✓" : "✗"}`,
  };
}

function counted(reasons: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([reason, count]) => `  ${String(count).padStart(6)}  ${reason}`);
}

function pounds(pence: bigint): string {
  const digits = String(pence).padStart(3, "0");
  return `${digits.slice(0, -2)}.${digits.slice(-2)} ${currency}`;
}
