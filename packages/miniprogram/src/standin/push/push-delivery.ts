import { randomBytes } from "node:crypto";
import type { JsonObject } from "../../json-fields.js";
import { pushKey, sealPush } from "../../wechat/push/push-envelope.js";
import { pushSignature } from "../../wechat/push/push-signature.js";
import type { PushAddress } from "../state/events.js";

/** What a test wants to be wrong with a delivery. */
export interface PushTamper {
  readonly signature?: "bad" | "none";
  /** The timestamp's distance from now; negative is in the future. */
  readonly ageSeconds?: number;
  /** The body is changed after it was signed, or sent plain in secure mode. */
  readonly body?: "altered" | "plain";
  readonly app?: "other";
  /** Deliveries after the first, all the same. */
  readonly duplicates?: number;
}

export interface Delivery {
  /** With its query. */
  readonly path: string;
  readonly body: string;
}

/** One delivery of a message; each has a nonce and a signature of its own. `now` is the time in the signature, ms. */
export function pushDelivery(
  message: JsonObject,
  address: PushAddress,
  appId: string,
  now: number,
  tamper: PushTamper,
): Delivery {
  const { token, encodingAesKey } = address;
  const timestamp = String(Math.floor(now / 1000) - (tamper.ageSeconds ?? 0));
  const nonce = String(randomBytes(4).readUInt32BE());
  const query = new URLSearchParams({ timestamp, nonce, openid: String(message.FromUserName) });
  const sign = (name: string, ...texts: string[]): void => {
    const signature = pushSignature(token, timestamp, nonce, ...texts);
    if (tamper.signature !== "none") query.set(name, tamper.signature === "bad" ? "0".repeat(40) : signature);
  };
  sign("signature");
  // A 64-bit number, which JavaScript has none of.
  const written = (object: JsonObject): string => JSON.stringify(object).replace(/"MsgId":"([0-9]+)"/, '"MsgId":$1');
  let text = written(message);
  const key = pushKey(encodingAesKey);
  if (key !== undefined && tamper.body !== "plain") {
    const encrypted = sealPush(text, tamper.app === "other" ? "wx0000000000000000" : appId, key);
    query.set("encrypt_type", "aes");
    sign("msg_signature", encrypted);
    const sent = tamper.body === "altered" ? sealPush(text, appId, key) : encrypted;
    text = JSON.stringify({ ToUserName: message.ToUserName, Encrypt: sent });
  } else if (tamper.body === "altered") text = written({ ...message, FromUserName: "oSomebodyElse" });
  const url = new URL(address.url);
  const own = url.search === "" ? "?" : `${url.search}&`;
  return { path: `${url.pathname}${own}${query}`, body: text };
}
