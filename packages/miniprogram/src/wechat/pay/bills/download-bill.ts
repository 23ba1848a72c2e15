import { createHash, type Hash } from "node:crypto";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { type Call, RpcError } from "@sampan/core";
import type { BillLine, BillRequest } from "../../../bill.js";
import { MiniProgramErrors } from "../../../errors.js";
import { textField } from "../../../json-fields.js";
import type { MerchantApi } from "../merchant-api.js";
import type { PayKeys } from "../pay-configuration.js";
import { BillReader } from "./bill-reader.js";
import { BillDefect, LineSplitter } from "./line-splitter.js";

const billTypes: Readonly<Record<BillRequest["kind"], string>> = { trade: "ALL", payment: "SUCCESS", refund: "REFUND" };

type Limits = Pick<PayKeys, "maxBillBytes" | "maxBillLineBytes">;

/**
 * `PayProvider.downloadBill`: asks where the bill is (signed both ways), then reads it from there while it arrives. The
 * file is not signed, but its SHA-1 is in the signed answer. A reader that stops early stops the download.
 */
export async function* downloadBill(
  bill: BillRequest,
  api: MerchantApi,
  limits: Limits,
  call: Call,
): AsyncGenerator<BillLine> {
  const type = Object.hasOwn(billTypes, bill.kind) ? billTypes[bill.kind] : undefined;
  if (type === undefined) throw MiniProgramErrors.BILL_REQUEST_INVALID({ field: "kind", why: "is not known" });
  if (!isDay(bill.date))
    throw MiniProgramErrors.BILL_REQUEST_INVALID({ field: "date", why: "is no day like 2026-11-20" });
  const path = `/v3/bill/tradebill?bill_date=${bill.date}&bill_type=${type}&tar_type=GZIP`;
  const place = await api.exchange({ method: "GET", path, meanings }, call);
  const address = textField(place, "download_url") ?? "";
  const expected = textField(place, "hash_value")?.toLowerCase() ?? "";
  if (textField(place, "hash_type") !== "SHA1" || !/^[0-9a-f]{40}$/.test(expected) || !URL.canParse(address)) {
    throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "a bill with missing or wrong fields" });
  }
  const hash = createHash("sha1");
  try {
    yield* linesOf(unpacked(await api.download(new URL(address), meanings, call)), hash, limits);
    if (hash.digest("hex") !== expected) throw new BillDefect("its hash is not the one that was announced");
  } catch (error) {
    // Unpacking and reading fail in their own words; what the exchange or the caller says is passed on.
    if (error instanceof BillDefect) throw MiniProgramErrors.BILL_INVALID({ why: error.message }, { cause: error });
    throw error;
  }
}

const meanings = { INVALID_REQUEST: "PAY_REQUEST_INVALID", NO_AUTH: "PLATFORM_REFUSED_CREDENTIALS" } as const;

function isDay(date: string): boolean {
  const time = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(date) ? Date.parse(`${date}T00:00:00Z`) : Number.NaN;
  // Dates such as February 30 would be moved into March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}

async function* linesOf(file: AsyncIterable<Buffer>, hash: Hash, limits: Limits): AsyncGenerator<BillLine> {
  const splitter = new LineSplitter(limits.maxBillLineBytes);
  const reader = new BillReader();
  let size = 0;
  for await (const piece of file) {
    size += piece.length;
    if (size > limits.maxBillBytes) throw new BillDefect(`it is longer than ${limits.maxBillBytes} bytes`);
    hash.update(piece);
    for (const text of splitter.push(piece)) {
      const line = reader.line(text);
      if (line !== undefined) yield line;
    }
  }
  const rest = splitter.end();
  if (rest !== undefined) reader.line(rest);
  reader.end();
}

/** The packed file's content, piece by piece. Ends the download when its reader stops, whyever. */
async function* unpacked(packed: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let failure: unknown;
  const source = Readable.from(packed, { objectMode: false });
  const gunzip = createGunzip();
  source.on("error", (error) => {
    failure = error;
    gunzip.destroy(error);
  });
  try {
    for await (const piece of source.pipe(gunzip)) yield piece as Buffer;
  } catch (error) {
    if (failure !== undefined || error instanceof RpcError) throw failure ?? error;
    throw new BillDefect("it cannot be unpacked");
  } finally {
    gunzip.destroy();
    source.destroy();
  }
}
