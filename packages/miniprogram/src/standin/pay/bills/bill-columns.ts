import { chinaTime } from "../../../china-time.js";
import type { StandinKeys } from "../../keys.js";
import type { BillRow } from "./bill-rows.js";

export const billTypes = ["ALL", "SUCCESS", "REFUND"] as const;
export type BillType = (typeof billTypes)[number];

export interface BillColumn {
  readonly head: string;
  /** The summary adds the column up under this head. */
  readonly total?: string;
  readonly cell: (row: BillRow) => string;
  /** What is added up: fen, or thousandths of a fen for the fee. */
  readonly value?: (row: BillRow) => number;
}

/** The columns of a kind of bill, in the vendor's order (pay.weixin.qq.com, "download bills"). */
export function billColumns(type: BillType, keys: StandinKeys): readonly BillColumn[] {
  const refundCells = type !== "SUCCESS";
  return [
    { head: "交易时间", cell: (row) => chinaTime(type === "REFUND" ? (row.refund?.paidAt ?? row.at) : row.at) },
    { head: "公众账号ID", cell: () => keys.appId },
    { head: "商户号", cell: () => keys.merchantId },
    { head: "特约商户号", cell: () => "0" },
    { head: "设备号", cell: () => "" },
    { head: "微信订单号", cell: (row) => row.transactionId },
    { head: "商户订单号", cell: (row) => row.outTradeNo },
    { head: "用户标识", cell: (row) => row.openid },
    { head: "交易类型", cell: () => "JSAPI" },
    { head: "交易状态", cell: ({ kind }) => (kind === "refund" ? "REFUND" : "SUCCESS") },
    { head: "付款银行", cell: () => "OTHERS" },
    { head: "货币种类", cell: (row) => row.currency },
    yuanColumn("应结订单金额", "应结订单总金额", paid),
    yuanColumn("代金券金额", undefined, () => 0),
    ...(type === "REFUND"
      ? [
          { head: "退款申请时间", cell: (row: BillRow) => chinaTime(row.at) },
          {
            head: "退款成功时间",
            cell: ({ refund }: BillRow) => (refund?.succeededAt ? chinaTime(refund.succeededAt) : ""),
          },
        ]
      : []),
    ...(refundCells
      ? [
          { head: "微信退款单号", cell: ({ refund }: BillRow) => refund?.refundId ?? "0" },
          { head: "商户退款单号", cell: ({ refund }: BillRow) => refund?.outRefundNo ?? "0" },
          yuanColumn("退款金额", "退款总金额", refunded),
          yuanColumn("充值券退款金额", "充值券退款总金额", () => 0),
          { head: "退款类型", cell: ({ refund }: BillRow) => (refund === undefined ? "" : "ORIGINAL") },
          { head: "退款状态", cell: ({ refund }: BillRow) => refund?.status ?? "" },
        ]
      : []),
    { head: "商品名称", cell: (row) => escaped(row.description) },
    { head: "商户数据包", cell: (row) => escaped(row.attach) },
    { head: "手续费", total: "手续费总金额", cell: (row) => feeText(fee(row)), value: fee },
    { head: "费率", cell: () => "0.60%" },
    yuanColumn("订单金额", "订单总金额", paid),
    ...(refundCells ? [yuanColumn("申请退款金额", "申请退款总金额", refunded)] : []),
    { head: "费率备注", cell: () => "" },
  ];
}

/** Heads of the summary, also of bills that lack the column (its total is then 0). */
export const totalHeads: readonly string[] = [
  "应结订单总金额",
  "退款总金额",
  "充值券退款总金额",
  "手续费总金额",
  "订单总金额",
  "申请退款总金额",
];

function yuanColumn(head: string, total: string | undefined, value: (row: BillRow) => number): BillColumn {
  return { head, cell: (row) => yuan(value(row)), value, ...(total === undefined ? {} : { total }) };
}

const paid = ({ kind, amount }: BillRow): number => (kind === "payment" ? amount : 0);
const refunded = ({ kind, amount }: BillRow): number => (kind === "refund" ? amount : 0);

/** 0.60 %, rounded to whole fen, in thousandths of a fen; given back with a refund. */
function fee({ kind, amount }: BillRow): number {
  const fen = Math.round((amount * 6) / 1000);
  return (kind === "refund" ? -fen : fen) * 1000;
}

/** Fen as yuan, by digits. */
export function yuan(fen: number): string {
  const digits = String(Math.abs(fen)).padStart(3, "0");
  return `${fen < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** Thousandths of a fen as yuan. */
export function feeText(thousandths: number): string {
  const digits = String(Math.abs(thousandths)).padStart(6, "0");
  return `${thousandths < 0 ? "-" : ""}${digits.slice(0, -5)}.${digits.slice(-5)}`;
}

/** The platform's own way to keep commas and line ends out of cells. */
function escaped(text: string): string {
  return text.replace(/,/g, "\\ ").replace(/\r/g, "\\r").replace(/\n/g, "\\n");
}
