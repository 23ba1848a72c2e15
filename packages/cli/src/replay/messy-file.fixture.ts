import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A line of an order file: invoice, code, description, quantity, date, price, customer, country. */
export type Cells = readonly [string, string, string, string, string, string, string, string];

const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";

/** Writes an order file for the time of `use`. */
export async function withFile<T>(lines: readonly Cells[], use: (path: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "sampan-replay-"));
  try {
    const path = join(folder, "orders.csv");
    const quoted = (cell: string): string => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
    writeFileSync(path, [header, ...lines.map((cells) => cells.map(quoted).join(","))].join("\r\n"));
    return await use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A line with the usual date and country. */
export function cells(
  invoice: string,
  code: string,
  quantity: string,
  price: string,
  customer: string,
  text = "TEA",
): Cells {
  return [invoice, code, text, quantity, "2010-12-01T08:26", price, customer, "United Kingdom"];
}

/** Everything that is wrong with the real file, in a few lines. */
export const messyFile: readonly Cells[] = [
  cells("536365", "85123A", "6", "2.55", "17850", 'WHITE "HEART", HANGING'),
  cells("536365", "71053", "6", "3.39", "17850"),
  cells("536365", "85123A", "2", "2.55", "17850"),
  cells("536366", "85123A", "1", "2.95", "17850", ""),
  cells("536367", "BANK CHARGES", "1", "15.00", "", "\u0007 damaged \uFFFD text"),
  cells("536368", "71053", "-5", "3.39", "17850"),
  cells("536369", "71053", "5", "0.00", "13047"),
  cells("536370", "71053", "5", "-1.50", "13047"),
  cells("536371", "71053", "many", "3.39", "13047"),
  cells("536372", "71053", "3", "3.391", "13047"),
  cells("536373", "", "3", "3.39", "13047"),
  cells("536374", "POST", "1", "18.00", "12583"),
  cells("C536380", "85123A", "-7", "2.55", "17850"),
  cells("C536381", "85123A", "-7", "2.55", "17850"),
  cells("C536382", "85123A", "-1", "2.55", ""),
  cells("C536383", "POST", "-1", "18.00", "99999"),
  cells("C536384", "71053", "2", "3.39", "17850"),
];
