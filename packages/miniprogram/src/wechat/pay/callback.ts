import type { Clock } from "@sampan/core";
import { MiniProgramErrors } from "../../errors.js";
import { type JsonObject, objectField, parseObject, textField } from "../../json-fields.js";
import type { Callback, PayNotification, RefundNotification, RefundState } from "../../pay.js";
import type { PayKeys } from "./pay-configuration.js";
import type { PlatformKeySource } from "./platform-keys.js";
import { checkPlatformSignature, type PlatformSignature, signatureHeaders } from "./platform-signature.js";
import type { ReplayStore } from "./replay-store.js";
import { openResource } from "./sealed-resource.js";
import { readRefund, readTransaction } from "./transaction.js";

/** Signature, decryption and owner of a callback, as `PayProvider.verifyCallback` says. Nothing unsigned is parsed. */
export async function verifyCallback(
  callback: Callback,
  keys: PayKeys,
  platformKeys: PlatformKeySource,
  replays: ReplayStore,
  clock: Clock,
): Promise<PayNotification | RefundNotification> {
  const signature: PlatformSignature = {
    timestamp: header(callback, signatureHeaders.timestamp),
    nonce: header(callback, signatureHeaders.nonce),
    signature: header(callback, signatureHeaders.signature),
    serial: header(callback, signatureHeaders.serial),
  };
  const verdict = await checkPlatformSignature(signature, callback.rawBody, platformKeys, clock.now());
  if (verdict === "stale") throw MiniProgramErrors.CALLBACK_STALE();
  if (verdict === "unknown-serial") throw MiniProgramErrors.CALLBACK_UNKNOWN_SERIAL();
  if (verdict === "bad-signature") throw MiniProgramErrors.CALLBACK_BAD_SIGNATURE();
  const notification = open(callback.rawBody, keys);
  // Last, so that only what is given out is remembered: nobody without the platform's key can fill the store.
  if (!(await replays.claim(signature, callback.rawBody))) throw MiniProgramErrors.CALLBACK_REPLAYED();
  return notification;
}

function open(rawBody: Uint8Array, keys: PayKeys): PayNotification | RefundNotification {
  const envelope = parseObject(rawBody);
  const notificationId = textField(envelope, "id");
  if (notificationId === undefined) throw unreadable("no notification");
  const eventType = textField(envelope, "event_type") ?? "";
  const read = Object.hasOwn(readers, eventType) ? readers[eventType] : undefined;
  if (read === undefined) throw MiniProgramErrors.CALLBACK_UNSUPPORTED({ event_type: eventType.slice(0, 64) });
  const plaintext = openResource(objectField(envelope, "resource"), keys.apiV3Key);
  if (plaintext === undefined) throw unreadable("the resource does not decrypt");
  const resource = parseObject(plaintext);
  const notification = resource === undefined ? undefined : read(resource, notificationId);
  if (notification === undefined) throw unreadable("the resource is not what its event says");
  // A refund's resource does not name the app: one merchant may have several.
  const appId = notification.kind === "refund" ? keys.appId : textField(resource, "appid");
  if (textField(resource, "mchid") !== keys.merchantId || appId !== keys.appId) {
    throw MiniProgramErrors.CALLBACK_WRONG_MERCHANT();
  }
  return notification;
}

type Reader = (resource: JsonObject, notificationId: string) => PayNotification | RefundNotification | undefined;

const readers: Readonly<Record<string, Reader>> = {
  "TRANSACTION.SUCCESS": (resource, notificationId) => {
    const transaction = readTransaction(resource);
    if (transaction?.transactionId === undefined || transaction.state !== "paid") return undefined;
    return { ...transaction, kind: "payment", notificationId, transactionId: transaction.transactionId };
  },
  "REFUND.SUCCESS": refundReader("succeeded"),
  "REFUND.ABNORMAL": refundReader("abnormal"),
  "REFUND.CLOSED": refundReader("closed"),
};

function refundReader(state: RefundState): Reader {
  return (resource, notificationId) => {
    const refund = readRefund(resource, "refund_status");
    const transactionId = textField(resource, "transaction_id");
    if (refund?.state !== state || transactionId === undefined) return undefined;
    return { ...refund, kind: "refund", notificationId, transactionId };
  };
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
