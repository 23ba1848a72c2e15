import type { KeyObject } from "node:crypto";
import { parseChinaTime } from "../../china-time.js";
import { MiniProgramErrors } from "../../errors.js";
import type { Callback, PayNotification } from "../../pay.js";
import { verifyBytes } from "../../wechat/pay/signature.js";
import { signedText } from "../signed-text.js";
import { payState } from "./trade.js";
import { fen } from "./yuan.js";

export interface NotificationOwner {
  readonly appId: string;
  readonly sellerId: string | undefined;
  readonly alipayKey: KeyObject;
  readonly subject: "open_id" | "user_id";
}

/**
 * The asynchronous notification of a trade: a form, signed over its sorted parameters without `sign` and `sign_type`.
 * Only RSA2 is taken. Vendor: 8 deliveries in 25 hours (at once, then after 4m 10m 10m 1h 2h 6h 15h) until the answer is
 * exactly `success`; a repeated delivery has the same `notify_id`. It gives no freshness window, so none is checked here.
 *
 * A refund is told as one more notification of its trade, with the sum of all refunds and not its own amount: it is given
 * as a payment in state `refunded`, for refunds are answered when they are made.
 */
export async function verifyNotification(callback: Callback, owner: NotificationOwner): Promise<PayNotification> {
  const parameters = readForm(callback.rawBody);
  for (const needed of ["sign", "app_id", "notify_id"]) {
    if (parameters[needed] === undefined) throw MiniProgramErrors.CALLBACK_INCOMPLETE({ header: needed });
  }
  if (parameters.sign_type !== "RSA2") throw MiniProgramErrors.CALLBACK_BAD_SIGNATURE();
  const signed = Buffer.from(signedText(parameters, ["sign", "sign_type"]));
  if (!(await verifyBytes(signed, parameters.sign ?? "", owner.alipayKey))) {
    throw MiniProgramErrors.CALLBACK_BAD_SIGNATURE();
  }
  const type = parameters.notify_type ?? "";
  if (type !== "trade_status_sync") throw MiniProgramErrors.CALLBACK_UNSUPPORTED({ event_type: type.slice(0, 64) });
  const notification = readNotification(parameters, owner.subject);
  const sellerId = owner.sellerId ?? parameters.seller_id;
  if (parameters.app_id !== owner.appId || parameters.seller_id !== sellerId) {
    throw MiniProgramErrors.CALLBACK_WRONG_MERCHANT();
  }
  return notification;
}

function readNotification(parameters: Readonly<Record<string, string>>, subject: string): PayNotification {
  const { notify_id: notificationId = "", out_trade_no: outTradeNo, trade_no: transactionId } = parameters;
  const amount = fen(parameters.total_amount);
  const paidAt = parseChinaTime(parameters.gmt_payment);
  const state = payState(parameters.trade_status, paidAt);
  if (outTradeNo === undefined || transactionId === undefined || amount === undefined || state === undefined) {
    throw MiniProgramErrors.CALLBACK_UNREADABLE({ why: "a trade with missing or wrong fields" });
  }
  const payerOpenid = parameters[subject === "open_id" ? "buyer_open_id" : "buyer_id"];
  return {
    kind: "payment",
    notificationId,
    outTradeNo,
    transactionId,
    state: state === "paid" && parameters.gmt_refund !== undefined ? "refunded" : state,
    amount,
    currency: "CNY",
    ...(payerOpenid === undefined ? {} : { payerOpenid }),
    ...(paidAt === undefined ? {} : { paidAt }),
  };
}

/** A parameter that comes twice could be signed as one and read as the other. */
function readForm(body: Uint8Array): Readonly<Record<string, string>> {
  const parameters: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(Buffer.from(body).toString("utf8"))) {
    if (parameters[name] !== undefined) throw MiniProgramErrors.CALLBACK_UNREADABLE({ why: "a parameter came twice" });
    parameters[name] = value;
  }
  return parameters;
}
