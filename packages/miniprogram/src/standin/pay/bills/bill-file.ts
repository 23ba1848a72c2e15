import { createHash } from "node:crypto";
import { once } from "node:events";
import { createGzip } from "node:zlib";
import { type BillColumn, feeText, totalHeads, yuan } from "./bill-columns.js";
import type { BillRow } from "./bill-rows.js";

export interface BillFile {
  readonly packed: Buffer;
  /** SHA-1 of the unpacked file, hexadecimal. */
  readonly hash: string;
  readonly lines: number;
}

/** Lines that are written in one go, so that others get their turn while a long bill is made. */
const linesAtOnce = 1000;

/** A bill as the platform writes it: with a byte order mark, CR LF, a backtick before each cell, and its summary. */
export async function writeBill(rows: Iterable<BillRow>, columns: readonly BillColumn[]): Promise<BillFile> {
  const hash = createHash("sha1");
  const gzip = createGzip();
  const chunks: Buffer[] = [];
  gzip.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = once(gzip, "end");
  const write = async (text: string): Promise<void> => {
    hash.update(text);
    if (!gzip.write(text)) await once(gzip, "drain");
  };
  const totals = new Map<string, number>();
  let count = 0;
  let batch = `\uFEFF${columns.map(({ head }) => head).join(",")}\r\n`;
  for (const row of rows) {
    batch += `${cells(columns.map(({ cell }) => cell(row)))}\r\n`;
    for (const { total, value } of columns) {
      if (total !== undefined && value !== undefined) totals.set(total, (totals.get(total) ?? 0) + value(row));
    }
    if (++count % linesAtOnce === 0) {
      await write(batch);
      batch = "";
    }
  }
  const summary = totalHeads.map((head) => {
    const total = totals.get(head) ?? 0;
    return head === "手续费总金额" ? feeText(total) : yuan(total);
  });
  await write(`${batch}总交易单数,${totalHeads.join(",")}\r\n${cells([String(count), ...summary])}\r\n`);
  gzip.end();
  await ended;
  return { packed: Buffer.concat(chunks), hash: hash.digest("hex"), lines: count };
}

function cells(values: readonly string[]): string {
  return values.map((value) => `\`${value}`).join(",");
}
