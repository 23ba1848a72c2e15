import type { StormRow } from "./storm.js";

const columns = ["phase", "caller", "calls", "ok", "refused", "failed", "p50 ms", "p99 ms"] as const;

/** The rows as people read them; a phase is named once. */
export function stormTable(rows: readonly StormRow[]): string {
  let before = "";
  const cells = rows.map((row) => {
    const phase = row.phase === before ? "" : row.phase;
    before = row.phase;
    const { caller, calls, ok, refused, failed, p50, p99 } = row;
    return [phase, caller, ...[calls, ok, refused, failed].map(String), p50.toFixed(1), p99.toFixed(1)];
  });
  const widths = columns.map((name, i) => Math.max(name.length, ...cells.map((row) => (row[i] as string).length)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join("  ");
  return [line(columns), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)].join("\n");
}
