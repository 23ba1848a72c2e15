import { integerField, type JsonObject, parseObject, textField } from "../../json-fields.js";
import { openPush, pushKey } from "../../wechat/push/push-envelope.js";
import { pushSignature } from "../../wechat/push/push-signature.js";
import type { PushAddress } from "../state/events.js";

/** What the platform makes of an answer: nothing more to say, a passive reply, or one that it cannot take. */
export interface PushAnswer {
  readonly accepted: boolean;
  readonly reply?: JsonObject;
  readonly problem?: string;
}

/** Strict: empty, `success`, or JSON, which in secure mode is signed, encrypted and for this app. */
export function readAnswer(status: number, body: Buffer, address: PushAddress, appId: string): PushAnswer {
  if (status < 200 || status >= 300) return { accepted: false, problem: `HTTP ${status}` };
  const text = body.toString("utf8");
  if (text === "" || text === "success") return { accepted: true };
  const object = parseObject(body);
  if (object === undefined) return { accepted: false, problem: "neither empty, nor success, nor JSON" };
  const key = pushKey(address.encodingAesKey);
  if (key === undefined) return { accepted: true, reply: object };
  const encrypted = textField(object, "Encrypt") ?? "";
  const timestamp = integerField(object, "TimeStamp");
  const nonce = textField(object, "Nonce") ?? "";
  const signature = pushSignature(address.token, String(timestamp), nonce, encrypted);
  if (timestamp === undefined || textField(object, "MsgSignature") !== signature) {
    return { accepted: false, problem: "MsgSignature is wrong" };
  }
  const content = openPush(encrypted, key);
  const reply = content === undefined ? undefined : parseObject(content.text);
  if (reply === undefined || content?.appId !== appId) return { accepted: false, problem: "Encrypt cannot be opened" };
  return { accepted: true, reply };
}
