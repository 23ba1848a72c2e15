import type { Call, Clock } from "@sampan/core";
import type { BillLine } from "../../bill.js";
import { parseChinaTime } from "../../china-time.js";
import { MiniProgramErrors } from "../../errors.js";
import { integerField, type JsonObject, objectField, textField } from "../../json-fields.js";
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
import type { DouyinApi } from "../api.js";
import type { DouyinPayConfiguration } from "../configuration.js";
import { type ErrNoReasons, payReasons } from "../douyin-errors.js";
import { verifyCallback } from "./callback.js";
import { requestSignature } from "./signature.js";
import { payStates, refundStates } from "./states.js";

type Fields = Readonly<Record<string, string | number>>;

/** A refund that breaks a rule of the order is answered as wrong parameters. */
const refundReasons: ErrNoReasons = { ...payReasons, 2010: "REFUND_REJECTED" };

/**
 * Guaranteed payment (ecpay v1): `create_order`, then `tt.pay({ orderInfo, service: 5 })` on the client. Answers are not
 * signed: TLS vouches for them.
 */
export class DouyinPay implements PayProvider {
  readonly capabilities: PayCapabilities = {
    close: false,
    queryTransaction: false,
    downloadBill: false,
    refundCallback: true,
  };
  readonly callbackAnswer: CallbackAnswer = {
    contentType: "application/json",
    body: '{"err_no":0,"err_tips":"success"}',
  };
  readonly #api: DouyinApi;
  readonly #appId: string;
  readonly #secrets: DouyinPayConfiguration;
  readonly #clock: Clock;

  constructor(api: DouyinApi, appId: string, secrets: DouyinPayConfiguration, clock: Clock) {
    this.#api = api;
    this.#appId = appId;
    this.#secrets = secrets;
    this.#clock = clock;
  }

  /** The order has no payer: whoever is given its token can pay it. It can be paid for at least five minutes. */
  async createOrder(order: PayOrder, call: Call): Promise<{ prepayId: string }> {
    const seconds = Math.floor((order.expiresAt - this.#clock.now()) / 1000);
    // Stretched too, and so payable after all.
    if (seconds < 1) throw MiniProgramErrors.PAY_REQUEST_INVALID({ platform_code: "none" });
    const description = shortened(order.description);
    const fields = {
      out_order_no: order.outTradeNo,
      total_amount: wireAmount(order.amount, order.currency),
      subject: description,
      body: description,
      // The vendor stretches it to five minutes, or cuts it to two days.
      valid_time: seconds,
      notify_url: order.notifyUrl,
    };
    const data = objectField(await this.#exchange("create_order", fields, call), "data");
    const orderId = textField(data, "order_id");
    const orderToken = textField(data, "order_token");
    if (orderId === undefined || orderToken === undefined) throw invalid("an order");
    // The client needs both; order numbers are digits.
    return { prepayId: `${orderId}/${orderToken}` };
  }

  async clientParameters(prepayId: string): Promise<ClientParameters> {
    const mark = prepayId.indexOf("/");
    return { order_id: prepayId.slice(0, Math.max(0, mark)), order_token: prepayId.slice(mark + 1) };
  }

  async query(outTradeNo: string, call: Call): Promise<PayTransaction> {
    const answer = await this.#exchange("query_order", { out_order_no: outTradeNo }, call);
    const info = objectField(answer, "payment_info");
    const total = integerField(info, "total_fee");
    const state = payStates[textField(info, "order_status") ?? ""];
    const orderId = textField(answer, "order_id");
    if (total === undefined || total < 1 || state === undefined || orderId === undefined) throw invalid("an order");
    // Somebody else's order under our number would be booked as ours.
    if ((textField(answer, "out_order_no") ?? outTradeNo) !== outTradeNo) throw invalid("an order");
    const paidAt = state === "paid" ? parseChinaTime(textField(info, "pay_time")) : undefined;
    return {
      ...{ outTradeNo, state, amount: BigInt(total), currency: "CNY" },
      ...(state === "paid" ? { transactionId: orderId } : {}),
      ...(paidAt === undefined ? {} : { paidAt }),
    };
  }

  queryTransaction(): Promise<PayTransaction> {
    return Promise.reject(notOffered("queries by its own number"));
  }

  /** There is no such interface: only what has ended by itself is closed. */
  async close(outTradeNo: string, call: Call): Promise<void> {
    const { state } = await this.query(outTradeNo, call);
    if (state === "paid") throw MiniProgramErrors.PAY_ORDER_PAID({ platform_code: "SUCCESS" });
    if (state === "unpaid") throw notOffered("closing of orders that can still be paid");
  }

  /** Accepted is not done: the state is `processing` until `queryRefund`, or a callback, says otherwise. */
  async refund(refund: RefundOrder, call: Call): Promise<Refund> {
    const { outTradeNo, outRefundNo, amount, currency } = refund;
    const fields = {
      out_order_no: outTradeNo,
      out_refund_no: outRefundNo,
      // Required, so it is never empty.
      reason: refund.reason === undefined || refund.reason === "" ? "refund" : refund.reason,
      refund_amount: wireAmount(amount, currency),
      // Comes back in the callback, which does not name the order.
      cp_extra: outTradeNo,
      ...(refund.notifyUrl === undefined ? {} : { notify_url: refund.notifyUrl }),
    };
    const refundId = textField(await this.#exchange("create_refund", fields, call, refundReasons), "refund_no");
    if (refundId === undefined) throw invalid("a refund");
    return { outTradeNo, outRefundNo, refundId, state: "processing", amount, currency };
  }

  async queryRefund({ outTradeNo, outRefundNo }: RefundKey, call: Call): Promise<Refund> {
    const answer = await this.#exchange("query_refund", { out_refund_no: outRefundNo }, call);
    const info = objectField(answer, "refundInfo");
    const refundId = textField(info, "refund_no");
    const amount = integerField(info, "refund_amount");
    const state = refundStates[textField(info, "refund_status") ?? ""];
    const succeededAt = integerField(info, "refunded_at");
    if (refundId === undefined || amount === undefined || amount < 1 || state === undefined) throw invalid("a refund");
    return {
      ...{ outTradeNo, outRefundNo, refundId, state, amount: BigInt(amount), currency: "CNY" },
      ...(state === "succeeded" && succeededAt !== undefined ? { succeededAt: succeededAt * 1000 } : {}),
    };
  }

  verifyCallback(callback: Callback): Promise<PayNotification | RefundNotification> {
    return verifyCallback(callback, this.#appId, this.#secrets.token);
  }

  // biome-ignore lint/correctness/useYield: the contract's shape, of what this vendor does not offer here.
  async *downloadBill(): AsyncIterable<BillLine> {
    throw notOffered("bills");
  }

  #exchange(name: string, fields: Fields, call: Call, reasons: ErrNoReasons = payReasons): Promise<JsonObject> {
    const body = { app_id: this.#appId, ...fields, sign: requestSignature(fields, this.#secrets.salt) };
    return this.#api.exchange({ path: `/api/apps/ecpay/v1/${name}`, body, reasons, repeatable: true }, call);
  }
}

/** As much of a description as the vendor takes: 42 characters and 128 bytes. */
function shortened(description: string): string {
  let text = "";
  for (const character of [...description].slice(0, 42)) {
    if (Buffer.byteLength(text + character) > 128) break;
    text += character;
  }
  return text;
}

function wireAmount(amount: bigint, currency: string): number {
  if (currency !== "CNY") throw MiniProgramErrors.CURRENCY_UNSUPPORTED({ currency });
  // The field has 11 digits.
  if (amount < 1n || amount > 99_999_999_999n) throw MiniProgramErrors.AMOUNT_UNSUPPORTED({ amount: String(amount) });
  return Number(amount);
}

function notOffered(what: string): Error {
  return MiniProgramErrors.NOT_OFFERED({ platform: "douyin", what });
}

function invalid(what: string): Error {
  return MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: `${what} with missing or wrong fields` });
}
