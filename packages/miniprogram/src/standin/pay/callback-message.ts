import { signatureHeaders } from "../../wechat/pay/platform-signature.js";
import { sealResource } from "../../wechat/pay/sealed-resource.js";
import { wireTime } from "../../wechat/pay/wire-values.js";
import type { StandinContext } from "../context.js";
import { type PlatformCrypto, signatureBy } from "./merchant-route.js";
import type { Notice } from "./notices.js";

/** How a test wants one delivery spoiled, or varied. Every field is optional and they combine. */
export interface Tamper {
  /** `bad`: of another text; `probe`: the platform's own check, `WECHATPAY/SIGNTEST/…`; `none`: no signature headers. */
  readonly signature?: "bad" | "probe" | "none";
  /** `unknown`: a serial that nobody has; `certificate`: the platform's certificate, whatever it signs with otherwise. */
  readonly serial?: "unknown" | "certificate";
  /** Makes the timestamp so much older; negative: newer. The signature is made over it and is good. */
  readonly ageSeconds?: number;
  /** Another `amount.total` (of a refund: `amount.refund`) in the resource, properly sealed and signed. */
  readonly amount?: number;
  /** One byte of the body changes after signing. */
  readonly body?: "altered";
  /** Sealed with another key, properly signed. */
  readonly resource?: "undecryptable";
  /** About another merchant, properly sealed and signed. */
  readonly merchant?: "other";
  /** So many copies of this delivery right after it, to the last byte: replays. 0 to 10. */
  readonly duplicates?: number;
}

export interface CallbackMessage {
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** One delivery of a notice: sealed and signed anew each time, under the same notification id. */
export async function callbackMessage(
  notice: Notice,
  context: StandinContext,
  crypto: PlatformCrypto,
  tamper: Tamper,
): Promise<CallbackMessage> {
  const key = tamper.resource === "undecryptable" ? Buffer.alloc(32, 1) : crypto.apiV3Key;
  const resource = { ...notice.resource(tamper), ...(tamper.merchant === undefined ? {} : { mchid: "1000000000" }) };
  const body = JSON.stringify({
    id: notice.notificationId,
    create_time: wireTime(notice.createdAt),
    resource_type: "encrypt-resource",
    event_type: notice.eventType,
    summary: notice.summary,
    resource: sealResource(JSON.stringify(resource), notice.originalType, key),
  });
  if (tamper.signature === "none") return { headers: {}, body };
  const { signers } = crypto;
  const signer = tamper.serial === "certificate" ? signers.certificate() : signers.forCallback();
  const signed = tamper.signature === "bad" ? `${body} ` : body;
  const headers = await signatureBy(signer, signed, context, tamper.ageSeconds);
  if (tamper.serial === "unknown") headers[signatureHeaders.serial] = "PUB_KEY_ID_0000000000000000000000000000";
  if (tamper.signature === "probe") {
    headers[signatureHeaders.signature] = `WECHATPAY/SIGNTEST/${headers[signatureHeaders.signature]}`;
  }
  return { headers, body: tamper.body === "altered" ? body.replace("encrypt-resource", "encrypt-resourcE") : body };
}
