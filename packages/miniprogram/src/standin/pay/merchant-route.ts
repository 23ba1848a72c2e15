import { createPublicKey, type KeyObject } from "node:crypto";
import { parseAuthorization } from "../../wechat/pay/authorization.js";
import { signatureHeaders } from "../../wechat/pay/platform-signature.js";
import { nonce, platformMessage, requestMessage, signText, verifyBytes } from "../../wechat/pay/signature.js";
import type { StandinContext } from "../context.js";
import { type Handle, json, type StandinReply, type StandinRequest } from "../http/exchange.js";
import type { Quota } from "../quota.js";
import { PlatformSigners, type Signer } from "./platform-signers.js";

/** Seconds that a merchant's timestamp may differ. */
const windowSeconds = 300;

/** The keys of a stand-in, parsed once. */
export interface PlatformCrypto {
  readonly merchantKey: KeyObject;
  readonly apiV3Key: Buffer;
  readonly signers: PlatformSigners;
}

export function platformCrypto(context: StandinContext): PlatformCrypto {
  return {
    merchantKey: createPublicKey(context.keys.merchant.publicKey),
    apiV3Key: Buffer.from(context.keys.apiV3Key),
    signers: new PlatformSigners(context),
  };
}

export function payFailure(status: number, code: string, message: string): StandinReply {
  return json(status, { code, message });
}

/**
 * Around every Pay v3 handler: the merchant's signature and quota are checked first, and the answer is signed once
 * everything it says is on the disk. Requests that fail the check of their signature get an unsigned answer, as nobody
 * knows whom it is for.
 */
export function merchantRoute(handle: Handle, context: StandinContext, crypto: PlatformCrypto, quota?: Quota): Handle {
  return async (request, parameters) => {
    const refusal = formRefusal(request) ?? (await signatureRefusal(request, context, crypto));
    if (refusal !== undefined) return refusal;
    const asked = request.headers["wechatpay-serial"];
    const signer = crypto.signers.forAnswer(typeof asked === "string" && asked !== "" ? asked : undefined);
    if (signer === undefined)
      return payFailure(400, "PARAM_ERROR", "Wechatpay-Serial names none of the platform's keys");
    const reply =
      quota === undefined || quota.use()
        ? await handle(request, parameters)
        : payFailure(429, "FREQUENCY_LIMITED", "more requests than the merchant has in a second");
    await context.store.durable();
    if (typeof reply.body !== "string") return reply;
    return { ...reply, headers: { ...reply.headers, ...(await signatureBy(signer, reply.body, context)) } };
  };
}

/** The four headers that vouch for a text; `ageSeconds` makes the signature look older. */
export async function signatureBy(
  { serial, key }: Signer,
  body: string,
  context: StandinContext,
  ageSeconds = 0,
): Promise<Record<string, string>> {
  const timestamp = String(Math.floor(context.signingClock.now() / 1000) - ageSeconds);
  const nonceStr = nonce();
  const message = platformMessage(timestamp, nonceStr, Buffer.from(body));
  return {
    [signatureHeaders.timestamp]: timestamp,
    [signatureHeaders.nonce]: nonceStr,
    [signatureHeaders.serial]: serial,
    [signatureHeaders.signature]: await signText(message.toString("utf8"), key),
  };
}

function formRefusal(request: StandinRequest): StandinReply | undefined {
  if (!/application\/json|\*\/\*/.test(request.headers.accept ?? "")) {
    return payFailure(406, "INVALID_REQUEST", "Accept must be application/json");
  }
  if ((request.headers["user-agent"] ?? "") === "") return payFailure(400, "PARAM_ERROR", "User-Agent is missing");
  if (request.method === "POST" && !/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
    return payFailure(415, "INVALID_REQUEST", "Content-Type must be application/json");
  }
  return undefined;
}

async function signatureRefusal(
  request: StandinRequest,
  context: StandinContext,
  crypto: PlatformCrypto,
): Promise<StandinReply | undefined> {
  const given = parseAuthorization(request.headers.authorization ?? "");
  if (given === undefined) return payFailure(401, "SIGN_ERROR", "Authorization is missing or malformed");
  if (given.mchid !== context.keys.merchantId) return payFailure(400, "MCH_NOT_EXISTS", "no such merchant");
  if (given.serialNo.toUpperCase() !== context.keys.merchantSerial) {
    return payFailure(401, "SIGN_ERROR", "no such merchant certificate");
  }
  const now = Math.floor(context.signingClock.now() / 1000);
  if (Math.abs(now - Number(given.timestamp)) >= windowSeconds) {
    return payFailure(401, "SIGN_ERROR", "the timestamp is too far from now");
  }
  const body = request.body.toString("utf8");
  const message = requestMessage(request.method, request.target, given.timestamp, given.nonceStr, body);
  if (await verifyBytes(Buffer.from(message), given.signature, crypto.merchantKey)) return undefined;
  return payFailure(401, "SIGN_ERROR", "the signature is wrong");
}
