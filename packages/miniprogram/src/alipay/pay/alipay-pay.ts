import type { Call } from "@sampan/core";
import type { BillLine } from "../../bill.js";
import { chinaTime, parseChinaTime } from "../../china-time.js";
import { MiniProgramErrors } from "../../errors.js";
import { textField } from "../../json-fields.js";
import type {
  Callback,
  CallbackAnswer,
  ClientParameters,
  PayCapabilities,
  PayNotification,
  PayOrder,
  PayProvider,
  PayTransaction,
  Refund,
  RefundKey,
  RefundOrder,
} from "../../pay.js";
import { platformCode } from "../alipay-errors.js";
import type { AlipayGateway } from "../gateway.js";
import { readTrade } from "./trade.js";
import { type NotificationOwner, verifyNotification } from "./trade-notification.js";
import { fen, yuan } from "./yuan.js";

/** Closing anything that does not wait for its payment; which of the two it is, a query tells. */
const notWaiting = new Set(["ACQ.TRADE_STATUS_ERROR", "ACQ.REASON_ILLEGAL_STATUS", "ACQ.REASON_TRADE_STATUS_INVALID"]);

/** Payments inside a mini program: alipay.trade.create (`JSAPI_PAY`), then `my.tradePay({ tradeNO })` on the client. */
export class AlipayPay implements PayProvider {
  readonly capabilities: PayCapabilities = {
    close: true,
    queryTransaction: true,
    downloadBill: false,
    refundCallback: false,
  };
  readonly callbackAnswer: CallbackAnswer = { contentType: "text/plain; charset=utf-8", body: "success" };
  readonly #gateway: AlipayGateway;
  readonly #owner: NotificationOwner;

  constructor(gateway: AlipayGateway, owner: NotificationOwner) {
    this.#gateway = gateway;
    this.#owner = owner;
  }

  async createOrder(order: PayOrder, call: Call): Promise<{ prepayId: string }> {
    const buyer = this.#owner.subject === "open_id" ? "buyer_open_id" : "buyer_id";
    const content = {
      out_trade_no: order.outTradeNo,
      total_amount: yuan(order.amount, order.currency),
      subject: order.description,
      product_code: "JSAPI_PAY",
      op_app_id: this.#owner.appId,
      [buyer]: order.payerOpenid,
      time_expire: chinaTime(order.expiresAt),
    };
    const request = { method: "alipay.trade.create", content, notifyUrl: order.notifyUrl, repeatable: true };
    const prepayId = textField(await this.#gateway.exchange(request, call), "trade_no");
    if (prepayId === undefined) throw invalid("an order");
    return { prepayId };
  }

  /** Not signed: the trade can be paid by its buyer only. */
  async clientParameters(prepayId: string): Promise<ClientParameters> {
    return { tradeNO: prepayId };
  }

  async query(outTradeNo: string, call: Call): Promise<PayTransaction> {
    const transaction = await this.#query({ out_trade_no: outTradeNo }, call);
    // Somebody else's order under our number would be booked as ours.
    if (transaction.outTradeNo !== outTradeNo) throw invalid("a trade");
    return transaction;
  }

  queryTransaction(transactionId: string, call: Call): Promise<PayTransaction> {
    return this.#query({ trade_no: transactionId }, call);
  }

  async close(outTradeNo: string, call: Call): Promise<void> {
    const request = { method: "alipay.trade.close", content: { out_trade_no: outTradeNo }, repeatable: true };
    try {
      await this.#gateway.exchange(request, call);
    } catch (error) {
      const code = platformCode(error);
      if (!notWaiting.has(code)) throw error;
      const { state } = await this.query(outTradeNo, call);
      // Closed already is what the caller wants.
      if (state === "paid" || state === "refunded") throw MiniProgramErrors.PAY_ORDER_PAID({ platform_code: code });
      if (state !== "closed") throw error;
    }
  }

  async refund(refund: RefundOrder, call: Call): Promise<Refund> {
    const content = {
      out_trade_no: refund.outTradeNo,
      refund_amount: yuan(refund.amount, refund.currency),
      out_request_no: refund.outRefundNo,
      ...(refund.reason === undefined || refund.reason === "" ? {} : { refund_reason: refund.reason }),
    };
    const request = { method: "alipay.trade.refund", content, repeatable: true };
    const node = await this.#gateway.exchange(request, call);
    // "N" is the answer to a repetition as well as to a refund that is still under way: asking tells them apart.
    if (textField(node, "fund_change") !== "Y") return this.queryRefund(refund, call);
    const { outTradeNo, outRefundNo, amount, currency } = refund;
    const succeededAt = parseChinaTime(textField(node, "gmt_refund_pay"));
    return {
      ...{ outTradeNo, outRefundNo, refundId: outRefundNo, amount, currency, state: "succeeded" },
      ...(succeededAt === undefined ? {} : { succeededAt }),
    };
  }

  async queryRefund({ outTradeNo, outRefundNo }: RefundKey, call: Call): Promise<Refund> {
    const content = { out_trade_no: outTradeNo, out_request_no: outRefundNo, query_options: ["gmt_refund_pay"] };
    const request = { method: "alipay.trade.fastpay.refund.query", content, repeatable: true };
    const node = await this.#gateway.exchange(request, call);
    // A refund that is not known is a success without fields.
    if (textField(node, "out_request_no") === undefined)
      throw MiniProgramErrors.PAY_NOT_FOUND({ platform_code: "10000" });
    const amount = fen(textField(node, "refund_amount"));
    if (amount === undefined || node.out_request_no !== outRefundNo) throw invalid("a refund");
    const succeeded = node.refund_status === "REFUND_SUCCESS";
    const succeededAt = parseChinaTime(textField(node, "gmt_refund_pay"));
    return {
      ...{ outTradeNo, outRefundNo, refundId: outRefundNo, amount, currency: "CNY" },
      state: succeeded ? "succeeded" : "processing",
      ...(succeeded && succeededAt !== undefined ? { succeededAt } : {}),
    };
  }

  verifyCallback(callback: Callback): Promise<PayNotification> {
    return verifyNotification(callback, this.#owner);
  }

  // biome-ignore lint/correctness/useYield: the contract's shape, of what this vendor does not offer here.
  async *downloadBill(): AsyncIterable<BillLine> {
    throw MiniProgramErrors.NOT_OFFERED({ platform: "alipay", what: "bills" });
  }

  async #query(content: { out_trade_no: string } | { trade_no: string }, call: Call): Promise<PayTransaction> {
    const request = { method: "alipay.trade.query", content, repeatable: true };
    return readTrade(await this.#gateway.exchange(request, call), this.#owner.subject);
  }
}

function invalid(what: string): Error {
  return MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: `${what} with missing or wrong fields` });
}
