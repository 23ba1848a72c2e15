import type { Call, Clock } from "@sampan/core";
import { MiniProgramErrors } from "../../errors.js";
import { textField } from "../../json-fields.js";
import type {
  Callback,
  ClientParameters,
  PayNotification,
  PayOrder,
  PayProvider,
  PayTransaction,
  Refund,
  RefundOrder,
} from "../../pay.js";
import type { PayKeys } from "../configuration.js";
import { verifyCallback } from "./callback.js";
import { clientParameters } from "./client-parameters.js";
import type { MerchantApi } from "./merchant-api.js";
import { invalid, readRefund, readTransaction } from "./transaction.js";
import { wireAmount, wireTime } from "./wire-values.js";

/** WeChat Pay v3 with JSAPI orders. */
export class PayV3 implements PayProvider {
  readonly #api: MerchantApi;
  readonly #keys: PayKeys;
  readonly #clock: Clock;

  constructor(api: MerchantApi, keys: PayKeys, clock: Clock) {
    this.#api = api;
    this.#keys = keys;
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
      amount: { refund: wireAmount(refund.amount), total: wireAmount(refund.total), currency: refund.currency },
    };
    const meanings = { INVALID_REQUEST: "REFUND_REJECTED" } as const;
    return readRefund(
      await this.#api.exchange({ method: "POST", path: "/v3/refund/domestic/refunds", body, meanings }, call),
    );
  }

  async queryRefund(outRefundNo: string, call: Call): Promise<Refund> {
    const path = `/v3/refund/domestic/refunds/${encodeURIComponent(outRefundNo)}`;
    return readRefund(await this.#api.exchange({ method: "GET", path }, call));
  }

  verifyCallback(callback: Callback): Promise<PayNotification> {
    return verifyCallback(callback, this.#keys, this.#clock);
  }
}

function tradePath(outTradeNo: string): string {
  return `/v3/pay/transactions/out-trade-no/${encodeURIComponent(outTradeNo)}`;
}
