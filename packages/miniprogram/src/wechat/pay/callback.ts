import type { Clock } from "@sampan/core";
import { MiniProgramErrors } from "../../errors.js";
import { objectField, parseObject, textField } from "../../json-fields.js";
import type { Callback, PayNotification } from "../../pay.js";
import type { PayKeys } from "../configuration.js";
import { checkPlatformSignature, type PlatformSignature, signatureHeaders } from "./platform-signature.js";
import { openResource } from "./sealed-resource.js";
import { readTransaction } from "./transaction.js";

const paymentEvent = "TRANSACTION.SUCCESS";

/** Signature, decryption and owner of a callback, as `PayProvider.verifyCallback` says. Nothing unsigned is parsed. */
export async function verifyCallback(callback: Callback, keys: PayKeys, clock: Clock): Promise<PayNotification> {
  const signature: PlatformSignature = {
    timestamp: header(callback, signatureHeaders.timestamp),
    nonce: header(callback, signatureHeaders.nonce),
    signature: header(callback, signatureHeaders.signature),
    serial: header(callback, signatureHeaders.serial),
  };
  const verdict = await checkPlatformSignature(signature, callback.rawBody, keys.platformKeys, clock.now());
  if (verdict === "stale") throw MiniProgramErrors.CALLBACK_STALE();
  if (verdict === "unknown-serial") throw MiniProgramErrors.CALLBACK_UNKNOWN_SERIAL();
  if (verdict === "bad-signature") throw MiniProgramErrors.CALLBACK_BAD_SIGNATURE();
  return open(callback.rawBody, keys);
}

function open(rawBody: Uint8Array, keys: PayKeys): PayNotification {
  const envelope = parseObject(rawBody);
  const notificationId = textField(envelope, "id");
  if (notificationId === undefined) throw unreadable("no notification");
  const eventType = textField(envelope, "event_type") ?? "";
  if (eventType !== paymentEvent) throw MiniProgramErrors.CALLBACK_UNSUPPORTED({ event_type: eventType.slice(0, 64) });
  const plaintext = openResource(objectField(envelope, "resource"), keys.apiV3Key);
  if (plaintext === undefined) throw unreadable("the resource does not decrypt");
  const resource = parseObject(plaintext);
  const transaction = resource === undefined ? undefined : readTransaction(resource);
  if (transaction?.transactionId === undefined) throw unreadable("the resource is not a transaction");
  if (textField(resource, "mchid") !== keys.merchantId || textField(resource, "appid") !== keys.appId) {
    throw MiniProgramErrors.CALLBACK_WRONG_MERCHANT();
  }
  return { ...transaction, kind: "payment", notificationId, transactionId: transaction.transactionId };
}

function header(callback: Callback, name: string): string {
  let found: string | undefined;
  for (const [key, value] of Object.entries(callback.headers)) {
    if (key.toLowerCase() !== name || value === undefined) continue;
    const text = typeof value === "string" ? value : value.length === 1 ? value[0] : undefined;
    if (text === undefined || found !== undefined) throw MiniProgramErrors.CALLBACK_INCOMPLETE({ header: name });
    found = text;
  }
  if (found === undefined || found === "") throw MiniProgramErrors.CALLBACK_INCOMPLETE({ header: name });
  return found;
}

function unreadable(why: string): Error {
  return MiniProgramErrors.CALLBACK_UNREADABLE({ why });
}
