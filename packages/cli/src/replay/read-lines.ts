import { createReadStream } from "node:fs";
import { parse } from "csv-parse";

/** One line of the file as it stands there. */
export interface RawLine {
  /** 1 for the first line after the header. */
  readonly number: number;
  readonly invoice: string;
  readonly stockCode: string;
  readonly description: string;
  readonly quantity: string;
  readonly date: string;
  readonly price: string;
  readonly customer: string;
}

const columns = {
  invoice: "InvoiceNo",
  stockCode: "StockCode",
  description: "Description",
  quantity: "Quantity",
  date: "InvoiceDate",
  price: "UnitPrice",
  customer: "CustomerID",
} as const;

/** Reads all lines of an order file. Rejects with an error that names what is missing: the file, or a column. */
export async function readLines(path: string): Promise<RawLine[]> {
  const lines: RawLine[] = [];
  const records = createReadStream(path).pipe(
    parse({ columns: true, bom: true, relax_quotes: true, relax_column_count: true, skip_empty_lines: true }),
  );
  for await (const record of records as AsyncIterable<Readonly<Record<string, string | undefined>>>) {
    if (lines.length === 0) {
      const missing = Object.values(columns).filter((column) => record[column] === undefined);
      if (missing.length > 0)
        throw new Error(`${path} has no column ${missing.join(", ")}: it needs ${Object.values(columns).join(", ")}`);
    }
    const text = (column: string): string => (record[column] ?? "").trim();
    lines.push({
      number: lines.length + 1,
      invoice: text(columns.invoice),
      stockCode: text(columns.stockCode),
      description: text(columns.description),
      quantity: text(columns.quantity),
      date: text(columns.date),
      price: text(columns.price),
      customer: text(columns.customer),
    });
  }
  return lines;
}
