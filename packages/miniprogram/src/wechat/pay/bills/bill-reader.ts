import type { BillLine } from "../../../bill.js";
import { feeOf, fenOf, refundStateOf, timeOf } from "./bill-values.js";
import { BillDefect } from "./line-splitter.js";

/** Column heads by what they are used for. Columns are found by name: each kind of bill has others, in another order. */
const columns = {
  at: "交易时间",
  refundedAt: "退款申请时间",
  transactionId: "微信订单号",
  outTradeNo: "商户订单号",
  payerOpenid: "用户标识",
  state: "交易状态",
  currency: "货币种类",
  amount: "订单金额",
  refundId: "微信退款单号",
  outRefundNo: "商户退款单号",
  refundAmount: "申请退款金额",
  refundState: "退款状态",
  fee: "手续费",
} as const;

type Column = keyof typeof columns;
const needed: readonly Column[] = [
  "at",
  "transactionId",
  "outTradeNo",
  "payerOpenid",
  "state",
  "currency",
  "amount",
  "fee",
];
const neededForRefunds: readonly Column[] = ["refundId", "outRefundNo", "refundAmount", "refundState"];

const countHead = "总交易单数";
const feeTotal = "手续费总金额";
/** Heads of the summary, and the columns that they add up. */
const totals: Readonly<Record<string, string>> = {
  应结订单总金额: "应结订单金额",
  退款总金额: "退款金额",
  充值券退款总金额: "充值券退款金额",
  [feeTotal]: columns.fee,
  订单总金额: columns.amount,
  申请退款总金额: columns.refundAmount,
};

interface Total {
  readonly head: string;
  readonly column: number;
  readonly parse: (text: string) => bigint;
  sum: bigint;
}

/**
 * Reads a trade bill line by line (pay.weixin.qq.com, "download bills"): a line of column heads, the bill's lines with a
 * backtick before each cell, a line of summary heads, the summary. Decides only; throws a `BillDefect` that says where.
 */
export class BillReader {
  #state: "heads" | "lines" | "summary" | "end" = "heads";
  #line = 0;
  #count = 0n;
  #width = 0;
  #places: Partial<Record<Column, number>> = {};
  #totals: Total[] = [];
  #summaryHeads: readonly string[] = [];

  /** What the next line of the file says; undefined for heads and summary. */
  line(text: string): BillLine | undefined {
    this.#line++;
    try {
      return this.#read(text);
    } catch (error) {
      if (error instanceof BillDefect) error.message = `line ${this.#line}: ${error.message}`;
      throw error;
    }
  }

  /** The file is over. */
  end(): void {
    if (this.#state !== "end") throw new BillDefect("the bill ends before its summary");
  }

  #read(text: string): BillLine | undefined {
    switch (this.#state) {
      case "heads":
        this.#heads(text);
        return undefined;
      case "lines":
        if (text.startsWith("`")) return this.#billLine(cellsOf(text));
        this.#summaryHeads = text.split(",");
        if (this.#summaryHeads[0] !== countHead) throw new BillDefect("neither a line of the bill nor its summary");
        this.#state = "summary";
        return undefined;
      case "summary":
        this.#summary(cellsOf(text));
        this.#state = "end";
        return undefined;
      case "end":
        if (text !== "") throw new BillDefect("something follows the summary");
        return undefined;
    }
  }

  #heads(text: string): void {
    const heads = text.split(",");
    for (const column of Object.keys(columns) as Column[]) {
      const place = heads.indexOf(columns[column]);
      if (place >= 0) this.#places[column] = place;
    }
    for (const column of needed) {
      if (this.#places[column] === undefined) throw new BillDefect(`the column ${columns[column]} is missing`);
    }
    for (const [head, column] of Object.entries(totals)) {
      const place = heads.indexOf(column);
      const parse = head === feeTotal ? feeOf : fenOf;
      if (place >= 0) this.#totals.push({ head, column: place, parse, sum: 0n });
    }
    this.#width = heads.length;
    this.#state = "lines";
  }

  #billLine(cells: readonly string[]): BillLine {
    if (cells.length !== this.#width) throw new BillDefect(`${cells.length} cells under ${this.#width} heads`);
    this.#count++;
    for (const total of this.#totals) total.sum += total.parse(cells[total.column] ?? "");
    const cell = (column: Column): string => cells[this.#places[column] ?? -1] ?? "";
    const outTradeNo = cell("outTradeNo");
    if (outTradeNo === "" || cell("currency") === "") throw new BillDefect("a number or currency is empty");
    const shared = {
      outTradeNo,
      transactionId: cell("transactionId"),
      payerOpenid: cell("payerOpenid"),
      currency: cell("currency"),
      feeThousandths: feeOf(cell("fee")),
    };
    const state = cell("state");
    if (state === "SUCCESS")
      return { kind: "payment", ...shared, at: timeOf(cell("at")), amount: fenOf(cell("amount")) };
    if (state !== "REFUND" && state !== "REVOKED") throw new BillDefect("a trade state that is not known");
    for (const column of neededForRefunds) {
      if (this.#places[column] === undefined) throw new BillDefect(`the column ${columns[column]} is missing`);
    }
    return {
      kind: "refund",
      ...shared,
      at: timeOf(cell(this.#places.refundedAt === undefined ? "at" : "refundedAt")),
      amount: fenOf(cell("refundAmount")),
      refundId: numberOf(cell("refundId")),
      outRefundNo: numberOf(cell("outRefundNo")),
      state: refundStateOf(cell("refundState")),
    };
  }

  #summary(cells: readonly string[]): void {
    if (cells.length !== this.#summaryHeads.length) throw new BillDefect("the summary does not fit its heads");
    if (cells[0] !== String(this.#count)) throw new BillDefect(`${this.#count} lines, but the summary counts others`);
    for (const total of this.#totals) {
      const place = this.#summaryHeads.indexOf(total.head);
      if (place < 0) continue;
      if (total.parse(cells[place] ?? "") !== total.sum) throw new BillDefect(`${total.head} is not the lines' sum`);
    }
  }
}

/** Cells are cut at comma and backtick: a comma alone may come from a name. */
function cellsOf(text: string): readonly string[] {
  if (!text.startsWith("`")) throw new BillDefect("a cell has no backtick before it");
  return text.slice(1).split(",`");
}

/** Lines without a refund have a 0 there. */
function numberOf(text: string): string {
  return text === "0" ? "" : text;
}
