import { MiniProgramErrors } from "../../errors.js";
import { integerField, type JsonObject, parseObject, textField } from "../../json-fields.js";
import type { Callback, PayNotification, RefundNotification } from "../../pay.js";
import { callbackSignature, sameText } from "./signature.js";
import { payStates, refundStates } from "./states.js";

/**
 * A callback: JSON with `timestamp`, `nonce`, `msg` (JSON as text), `msg_signature` and `type`. `type` is outside of the
 * signature, so the fields of the message must be those of its type. The vendor documents no freshness window and no
 * number of the event: a notification is known by its type and the merchant's number, and old ones are not refused.
 * `timestamp` and `nonce` are signed without a mark between them and can trade digits, so nothing depends on them.
 */
export async function verifyCallback(
  callback: Callback,
  appId: string,
  token: string,
): Promise<PayNotification | RefundNotification> {
  const envelope = parseObject(callback.rawBody);
  const timestamp = digits(envelope, "timestamp");
  const nonce = digits(envelope, "nonce");
  const message = needed(textField(envelope, "msg"), "msg");
  const signature = needed(textField(envelope, "msg_signature"), "msg_signature");
  const type = needed(textField(envelope, "type"), "type");
  // The four texts are joined without marks between them: digits and an object cannot pass for one another.
  if (!message.startsWith("{") || !sameText(callbackSignature(token, timestamp, nonce, message), signature)) {
    throw MiniProgramErrors.CALLBACK_BAD_SIGNATURE();
  }
  if (type !== "payment" && type !== "refund") {
    throw MiniProgramErrors.CALLBACK_UNSUPPORTED({ event_type: type.slice(0, 64) });
  }
  const event = parseObject(Buffer.from(message));
  const notification = event === undefined ? undefined : type === "payment" ? payment(event) : refund(event);
  if (notification === undefined) {
    throw MiniProgramErrors.CALLBACK_UNREADABLE({ why: `a ${type} with missing or wrong fields` });
  }
  if (textField(event, "appid") !== appId) throw MiniProgramErrors.CALLBACK_WRONG_MERCHANT();
  return notification;
}

function payment(event: JsonObject): PayNotification | undefined {
  const outTradeNo = textField(event, "cp_orderno");
  // Newer callbacks name the order by the number that the query gives, older ones by the payment's.
  const transactionId = textField(event, "order_id") ?? textField(event, "payment_order_no");
  const total = integerField(event, "total_amount");
  const state = payStates[textField(event, "status") ?? ""];
  const paidAt = integerField(event, "paid_at");
  if (outTradeNo === undefined || transactionId === undefined || state === undefined) return undefined;
  if (total === undefined || total < 1) return undefined;
  return {
    kind: "payment",
    notificationId: `payment-${outTradeNo}-${state}`,
    outTradeNo,
    transactionId,
    state,
    amount: BigInt(total),
    currency: "CNY",
    ...(paidAt === undefined ? {} : { paidAt: paidAt * 1000 }),
  };
}

function refund(event: JsonObject): RefundNotification | undefined {
  const outRefundNo = textField(event, "cp_refundno");
  // The message does not name the order; it repeats the text that the refund was asked for with.
  const outTradeNo = textField(event, "cp_extra");
  const refundId = textField(event, "refund_no");
  const transactionId = textField(event, "order_id");
  const amount = integerField(event, "refund_amount");
  const state = refundStates[textField(event, "status") ?? ""];
  const succeededAt = integerField(event, "refunded_at");
  if (outRefundNo === undefined || outTradeNo === undefined || refundId === undefined) return undefined;
  if (transactionId === undefined || amount === undefined || amount < 1 || state === undefined) return undefined;
  return {
    kind: "refund",
    notificationId: `refund-${outRefundNo}-${state}`,
    outTradeNo,
    outRefundNo,
    refundId,
    transactionId,
    state,
    amount: BigInt(amount),
    currency: "CNY",
    ...(state === "succeeded" && succeededAt !== undefined ? { succeededAt: succeededAt * 1000 } : {}),
  };
}

/** A number or a text of digits, as it is signed. */
function digits(envelope: JsonObject | undefined, name: string): string {
  const value = textField(envelope, name) ?? integerField(envelope, name);
  const text = value === undefined ? "" : String(value);
  if (!/^\d{1,20}$/.test(text)) throw MiniProgramErrors.CALLBACK_INCOMPLETE({ header: name });
  return text;
}

function needed(value: string | undefined, name: string): string {
  if (value === undefined) throw MiniProgramErrors.CALLBACK_INCOMPLETE({ header: name });
  return value;
}
