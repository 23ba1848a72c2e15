import type { Call, Clock } from "@sampan/core";
import type { BillLine, BillRequest } from "../../bill.js";
import { MiniProgramErrors } from "../../errors.js";
import { type JsonObject, textField } from "../../json-fields.js";
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
  RefundNotification,
  RefundOrder,
} from "../../pay.js";
import { downloadBill } from "./bills/download-bill.js";
import { verifyCallback } from "./callback.js";
import { clientParameters } from "./client-parameters.js";
import type { MerchantApi } from "./merchant-api.js";
import type { PayKeys } from "./pay-configuration.js";
import type { PlatformKeySource } from "./platform-keys.js";
import type { ReplayStore } from "./replay-store.js";
import { invalid, readRefund, readTransaction } from "./transaction.js";
import { wireAmount, wireTime } from "./wire-values.js";

/** WeChat Pay v3 with JSAPI orders. */
export class PayV3 implements PayProvider {
  readonly capabilities: PayCapabilities = {
    close: true,
    queryTransaction: true,
    downloadBill: true,
    refundCallback: true,
  };
  readonly callbackAnswer: CallbackAnswer = {
    contentType: "application/json",
    body: '{"code":"SUCCESS","message":""}',
  };
  readonly #api: MerchantApi;
  readonly #keys: PayKeys;
  readonly #platformKeys: PlatformKeySource;
  readonly #replays: ReplayStore;
  readonly #clock: Clock;

  constructor(api: MerchantApi, keys: PayKeys, platformKeys: PlatformKeySource, replays: ReplayStore, clock: Clock) {
    this.#api = api;
    this.#keys = keys;
    this.#platformKeys = platformKeys;
    this.#replays = replays;
    this.#clock = clock;
  }

  async createOrder(order: PayOrder, call: Call): Promise<{ prepayId: string }> {
    const body = {
      appid: this.#keys.appId,
      mchid: this.#keys.merchantId,
      description: order.description,
      out_trade_no: order.outTradeNo,
      time_expire: wireTime(order.expiresAt),
      notify_url: order.notifyUrl,
      amount: { total: wireAmount(order.amount), currency: order.currency },
      payer: { openid: order.payerOpenid },
    };
    const answer = await this.#api.exchange({ method: "POST", path: "/v3/pay/transactions/jsapi", body }, call);
    const prepayId = textField(answer, "prepay_id");
    if (prepayId === undefined) throw invalid("an order");
    return { prepayId };
  }

  clientParameters(prepayId: string): Promise<ClientParameters> {
    return clientParameters(prepayId, this.#keys, this.#clock);
  }

  async query(outTradeNo: string, call: Call): Promise<PayTransaction> {
    const path = `${tradePath(outTradeNo)}?mchid=${encodeURIComponent(this.#keys.merchantId)}`;
    const transaction = readTransaction(await this.#api.exchange({ method: "GET", path }, call));
    // Somebody else's order under our number would be booked as ours.
    if (transaction?.outTradeNo !== outTradeNo) throw invalid("a transaction");
    return transaction;
  }

  async queryTransaction(transactionId: string, call: Call): Promise<PayTransaction> {
    const id = encodeURIComponent(transactionId);
    const path = `/v3/pay/transactions/id/${id}?mchid=${encodeURIComponent(this.#keys.merchantId)}`;
    const transaction = readTransaction(await this.#api.exchange({ method: "GET", path }, call));
    if (transaction?.transactionId !== transactionId) throw invalid("a transaction");
    return transaction;
  }

  async close(outTradeNo: string, call: Call): Promise<void> {
    const body = { mchid: this.#keys.merchantId };
    try {
      await this.#api.exchange({ method: "POST", path: `${tradePath(outTradeNo)}/close`, body }, call);
    } catch (error) {
      // Closed already is what the caller wants.
      if (!MiniProgramErrors.PAY_ORDER_CLOSED.is(error)) throw error;
    }
  }

  async refund(refund: RefundOrder, call: Call): Promise<Refund> {
    const body = {
      out_trade_no: refund.outTradeNo,
      out_refund_no: refund.outRefundNo,
      ...(refund.reason === undefined || refund.reason === "" ? {} : { reason: refund.reason }),
      ...(refund.notifyUrl === undefined ? {} : { notify_url: refund.notifyUrl }),
      amount: { refund: wireAmount(refund.amount), total: wireAmount(refund.total), currency: refund.currency },
    };
    const meanings = { INVALID_REQUEST: "REFUND_REJECTED" } as const;
    const path = "/v3/refund/domestic/refunds";
    return this.#refundOf(await this.#api.exchange({ method: "POST", path, body, meanings }, call), refund);
  }

  async queryRefund(refund: RefundKey, call: Call): Promise<Refund> {
    const path = `/v3/refund/domestic/refunds/${encodeURIComponent(refund.outRefundNo)}`;
    return this.#refundOf(await this.#api.exchange({ method: "GET", path }, call), refund);
  }

  verifyCallback(callback: Callback): Promise<PayNotification | RefundNotification> {
    return verifyCallback(callback, this.#keys, this.#platformKeys, this.#replays, this.#clock);
  }

  downloadBill(bill: BillRequest, call: Call): AsyncIterable<BillLine> {
    return downloadBill(bill, this.#api, this.#keys, call);
  }

  #refundOf(answer: JsonObject, { outTradeNo, outRefundNo }: RefundKey): Refund {
    const refund = readRefund(answer, "status");
    if (refund?.outRefundNo !== outRefundNo || refund.outTradeNo !== outTradeNo) throw invalid("a refund");
    return refund;
  }
}

function tradePath(outTradeNo: string): string {
  return `/v3/pay/transactions/out-trade-no/${encodeURIComponent(outTradeNo)}`;
}
