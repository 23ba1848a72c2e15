import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { parseChinaTime } from "../../../china-time.js";
import type { StandinContext } from "../../context.js";
import { json, type Route, type StandinReply, type StandinRequest } from "../../http/exchange.js";
import { merchantRoute, type PlatformCrypto, payFailure } from "../merchant-route.js";
import { type BillType, billColumns, billTypes } from "./bill-columns.js";
import { type BillFile, writeBill } from "./bill-file.js";
import { additionalRow, type BillRow, rowsOf } from "./bill-rows.js";

const dayMs = 86_400_000;
/** A bill is made in the morning after its day, at 10:00 in China. */
const readyMs = dayMs + 10 * 3_600_000;
const keptMs = 92 * dayMs;
/** A download address is good for five minutes. */
const addressMs = 300_000;
/** Bills that are kept, as they are long to make. */
const maxFiles = 8;
const maxAddresses = 1000;

const unpack = promisify(gunzip);

interface Address {
  readonly file: BillFile;
  readonly packed: boolean;
  readonly expiresAt: number;
}

/** Trade bills of the stand-in's own journal, with the differences that tests have planted. Once made, they stay as they are. */
export class Bills {
  readonly routes: readonly Route[];
  readonly #context: StandinContext;
  readonly #files = new Map<string, Promise<BillFile>>();
  readonly #addresses = new Map<string, Address>();

  constructor(context: StandinContext, crypto: PlatformCrypto) {
    this.#context = context;
    const signed = (path: RegExp, handle: (request: StandinRequest) => Promise<StandinReply>): Route => ({
      method: "GET",
      path,
      handle: merchantRoute(handle, context, crypto),
    });
    this.routes = [
      signed(/^\/v3\/bill\/tradebill$/, (request) => this.#apply(request)),
      signed(/^\/v3\/billdownload\/file$/, (request) => this.#download(request)),
    ];
  }

  /** Bills that were made are made anew, with what was planted meanwhile. */
  forget(): void {
    this.#files.clear();
    this.#addresses.clear();
  }

  async #apply({ query, headers }: StandinRequest): Promise<StandinReply> {
    const date = query.get("bill_date") ?? "";
    const type = billTypes.find((known) => known === (query.get("bill_type") ?? "ALL"));
    const packing = query.get("tar_type");
    if (type === undefined) return payFailure(400, "PARAM_ERROR", "bill_type is ALL, SUCCESS or REFUND");
    if (packing !== null && packing !== "GZIP") return payFailure(400, "PARAM_ERROR", "tar_type is GZIP or absent");
    const from = parseChinaTime(`${date} 00:00:00`);
    if (from === undefined) return payFailure(400, "PARAM_ERROR", "bill_date is a day like 2026-11-20");
    const now = this.#context.clock.now();
    if (now < from + dayMs || now >= from + keptMs) {
      return payFailure(400, "INVALID_REQUEST", "bill_date is not a day of the last three months that is over");
    }
    if (now < from + readyMs) return payFailure(400, "STATEMENT_CREATING", "the bill is made at 10:00");
    const file = await this.#file(date, type, from);
    if (file.lines === 0) return payFailure(400, "NO_STATEMENT_EXIST", "nothing was paid or refunded on that day");
    const token = randomBytes(32).toString("base64url");
    this.#forgetAddresses(now);
    this.#addresses.set(token, { file, packed: packing === "GZIP", expiresAt: now + addressMs });
    return json(200, {
      hash_type: "SHA1",
      hash_value: file.hash,
      download_url: `http://${headers.host ?? ""}/v3/billdownload/file?token=${token}`,
    });
  }

  async #download({ query }: StandinRequest): Promise<StandinReply> {
    const address = this.#addresses.get(query.get("token") ?? "");
    if (address === undefined || address.expiresAt <= this.#context.clock.now()) {
      return payFailure(400, "INVALID_REQUEST", "ask for the bill again to have a new address");
    }
    const body = address.packed ? address.file.packed : await unpack(address.file.packed);
    return { status: 200, headers: { "content-type": address.packed ? "application/x-gzip" : "text/plain" }, body };
  }

  #file(date: string, type: BillType, from: number): Promise<BillFile> {
    const key = `${date} ${type}`;
    let file = this.#files.get(key);
    if (file === undefined) {
      file = writeBill(this.#rows(date, type, from), billColumns(type, this.#context.keys));
      this.#files.set(key, file);
      file.catch(() => this.#files.delete(key));
      for (const oldest of this.#files.keys()) if (this.#files.size > maxFiles) this.#files.delete(oldest);
    }
    return file;
  }

  *#rows(date: string, type: BillType, from: number): Generator<BillRow> {
    const { store, clock } = this.#context;
    const { plants } = store.state.pay;
    const wanted = ({ kind }: BillRow): boolean => type === "ALL" || (type === "REFUND") === (kind === "refund");
    for (const row of rowsOf(store.state.orders.values(), from, from + dayMs, clock.now())) {
      if (!wanted(row)) continue;
      const planted = plants.findLast(
        (plant) =>
          plant.plant !== "additional" &&
          plant.outTradeNo === row.outTradeNo &&
          plant.outRefundNo === row.refund?.outRefundNo,
      );
      if (planted?.plant === "missing") continue;
      yield planted?.plant === "amount" ? { ...row, amount: planted.amount } : row;
    }
    for (const plant of plants) {
      if (plant.plant !== "additional" || plant.date !== date) continue;
      // At noon, which every day has.
      const row = additionalRow(plant, from + dayMs / 2);
      if (wanted(row)) yield row;
    }
  }

  #forgetAddresses(now: number): void {
    for (const [token, { expiresAt }] of this.#addresses) {
      if (expiresAt <= now || this.#addresses.size >= maxAddresses) this.#addresses.delete(token);
    }
  }
}
