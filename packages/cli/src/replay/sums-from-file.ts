import { readFileSync } from "node:fs";

/** What the ledger must say after a replay, in pence. */
export interface ExpectedSums {
  readonly charged: number;
  readonly refunded: number;
  readonly orders: number;
}

/**
 * The sums that a replay must end with, computed from the file by code that shares nothing with the plan: another
 * reader of the format, other data structures, numbers where the plan has bigints. Amounts of the file stay far below
 * 2^53 pence. Throws when a sum would not be exact.
 */
export function sumsFromFile(path: string): ExpectedSums {
  const rows = readFileSync(path, "utf8")
    .split(/\r?\n/)
    .slice(1)
    .filter((row) => row !== "")
    .map(cells);
  let charged = 0;
  const invoices = new Set<string>();
  /** Pieces that each customer has bought and not given back: by customer, code and price; invoice by invoice. */
  const bought: Record<string, { invoice: number; pieces: number }[]> = {};
  const returns: (readonly string[])[] = [];
  for (const row of rows) {
    const [invoice = "", code = "", , quantity = "", , price = "", customer = ""] = row;
    const cents = Math.round(Number(price) * 100);
    const pieces = Number(quantity);
    // Nothing is finer than a penny; a price that is would be no price.
    if (!(cents > 0) || Math.abs(Number(price) * 100 - cents) > 1e-6 || code === "") continue;
    if (invoice[0] === "C") {
      if (pieces < 0) returns.push(row);
    } else if (pieces > 0) {
      charged += cents * pieces;
      invoices.add(invoice);
      if (customer !== "")
        (bought[[customer, code, cents].join("|")] ??= []).push({ invoice: Number(invoice), pieces });
    }
  }
  let refunded = 0;
  for (const [invoice = "", code = "", , quantity = "", , price = "", customer = ""] of returns) {
    const cents = Math.round(Number(price) * 100);
    let wanted = -Number(quantity);
    const earlier = (bought[[customer, code, cents].join("|")] ?? []).filter(
      (entry) => entry.invoice < Number(invoice.slice(1)),
    );
    if (earlier.reduce((sum, entry) => sum + entry.pieces, 0) < wanted) continue;
    refunded += cents * wanted;
    for (const entry of earlier.reverse()) {
      const taken = Math.min(entry.pieces, wanted);
      entry.pieces -= taken;
      wanted -= taken;
    }
  }
  if (!Number.isSafeInteger(charged) || !Number.isSafeInteger(refunded))
    throw new RangeError("the file's sums are not exact");
  return { charged, refunded, orders: invoices.size };
}

/** The cells of a CSV row; quotes as RFC 4180 has them, no line breaks within cells. */
function cells(row: string): string[] {
  const found: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < row.length; i++) {
    const character = row[i];
    if (character === '"' && quoted && row[i + 1] === '"') {
      cell += '"';
      i++;
    } else if (character === '"') {
      quoted = !quoted;
    } else if (character === "," && !quoted) {
      found.push(cell.trim());
      cell = "";
    } else {
      cell += character;
    }
  }
  found.push(cell.trim());
  return found;
}
