import { signatureHeaders } from "../../wechat/pay/platform-signature.js";
import { sealResource } from "../../wechat/pay/sealed-resource.js";
import { wireTime } from "../../wechat/pay/wire-values.js";
import type { StandinContext } from "../context.js";
import type { Order } from "../state/state.js";
import { type PlatformCrypto, signatureOf } from "./merchant-route.js";
import { transactionObject } from "./transaction.js";

/** How a test wants one delivery spoiled, or varied. Every field is optional and they combine. */
export interface Tamper {
  /** `bad`: of another text; `probe`: the platform's own check, `WECHATPAY/SIGNTEST/…`; `none`: no signature headers. */
  readonly signature?: "bad" | "probe" | "none";
  /** `unknown`: a serial that nobody has; `certificate`: the platform's second key, which is valid. */
  readonly serial?: "unknown" | "certificate";
  /** Makes the timestamp so much older; negative: newer. The signature is made over it and is good. */
  readonly ageSeconds?: number;
  /** Another `amount.total` in the resource, properly sealed and signed. */
  readonly amount?: number;
  /** One byte of the body changes after signing. */
  readonly body?: "altered";
  /** Sealed with another key, properly signed. */
  readonly resource?: "undecryptable";
  /** About another merchant, properly sealed and signed. */
  readonly merchant?: "other";
  /** So many more identical deliveries right after this one. 0 to 10. */
  readonly duplicates?: number;
}

export interface CallbackMessage {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** One delivery of an order's TRANSACTION.SUCCESS: sealed and signed anew each time, under the same notification id. */
export async function callbackMessage(
  order: Order,
  context: StandinContext,
  crypto: PlatformCrypto,
  tamper: Tamper,
): Promise<CallbackMessage> {
  const { payment } = order;
  if (payment === undefined) throw new Error("an unpaid order has nothing to call back about");
  const key = tamper.resource === "undecryptable" ? Buffer.alloc(32, 1) : crypto.apiV3Key;
  const body = JSON.stringify({
    id: payment.notificationId,
    create_time: wireTime(payment.paidAt),
    resource_type: "encrypt-resource",
    event_type: "TRANSACTION.SUCCESS",
    summary: "支付成功",
    resource: sealResource(JSON.stringify(transaction(order, context, tamper)), "transaction", key),
  });
  if (tamper.signature === "none") return { headers: {}, body };
  const signer = tamper.serial === "certificate" ? 1 : 0;
  const signed = tamper.signature === "bad" ? `${body} ` : body;
  const headers = await signatureOf(signed, context, crypto, signer, tamper.ageSeconds);
  if (tamper.serial === "unknown") headers[signatureHeaders.serial] = "PUB_KEY_ID_0000000000000000000000000000";
  if (tamper.signature === "probe") {
    headers[signatureHeaders.signature] = `WECHATPAY/SIGNTEST/${headers[signatureHeaders.signature]}`;
  }
  return {
    headers,
    body: tamper.body === "altered" ? body.replace("TRANSACTION.SUCCESS", "TRANSACTION.SUCCESs") : body,
  };
}

function transaction(order: Order, context: StandinContext, tamper: Tamper): unknown {
  const object = transactionObject(order, context.keys, "SUCCESS");
  return {
    ...object,
    ...(tamper.amount === undefined
      ? {}
      : {
          amount: {
            total: tamper.amount,
            payer_total: tamper.amount,
            currency: order.currency,
            payer_currency: order.currency,
          },
        }),
    ...(tamper.merchant === undefined ? {} : { mchid: "1000000000" }),
  };
}
