import type { IncomingHttpHeaders } from "node:http";
import type { Call, Clock } from "@sampan/core";
import { MiniProgramErrors } from "../../errors.js";
import { type JsonObject, parseObject, textField } from "../../json-fields.js";
import type { PayKeys } from "../configuration.js";
import type { HttpAnswer, HttpEndpoint } from "../http-endpoint.js";
import type { SecretText } from "../secret-text.js";
import { formatAuthorization } from "./authorization.js";
import { type PayErrorMeanings, payError } from "./pay-errors.js";
import { checkPlatformSignature, type PlatformSignature, signatureHeaders } from "./platform-signature.js";
import { nonce, requestMessage, signText } from "./signature.js";

export interface MerchantRequest {
  readonly method: "GET" | "POST";
  /** With its query. */
  readonly path: string;
  readonly body?: JsonObject;
  readonly meanings?: PayErrorMeanings;
}

/**
 * Signed Pay v3 exchanges. A success counts only with a valid platform signature. An error that is signed must be
 * signed well; one without signature (the platform does not sign all of them) is believed, as TLS vouches for it.
 */
export class MerchantApi {
  readonly #endpoints: readonly HttpEndpoint[];
  readonly #keys: PayKeys;
  readonly #secrets: SecretText;
  readonly #clock: Clock;

  constructor(endpoints: readonly HttpEndpoint[], keys: PayKeys, secrets: SecretText, clock: Clock) {
    this.#endpoints = endpoints;
    this.#keys = keys;
    this.#secrets = secrets;
    this.#clock = clock;
  }

  /** The answer's object, empty when it has no content. */
  async exchange(request: MerchantRequest, call: Call): Promise<JsonObject> {
    const answer = await this.#send(request, call);
    const signature = signatureOf(answer.headers);
    const success = answer.status >= 200 && answer.status < 300;
    if (signature !== undefined) await this.#check(signature, answer);
    else if (success) throw MiniProgramErrors.PLATFORM_ANSWER_FORGED({ why: "no signature" });
    if (!success) {
      const object = parseObject(answer.body);
      const explanation = this.#secrets.redact(textField(object, "message") ?? "");
      throw payError(answer.status, textField(object, "code") ?? "", explanation, request.meanings);
    }
    if (answer.body.length === 0) return {};
    const object = parseObject(answer.body);
    if (object === undefined) throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "no JSON object" });
    return object;
  }

  /** The next host only when the one before got nothing: then even its signature was not seen by anybody. */
  async #send(request: MerchantRequest, call: Call): Promise<HttpAnswer> {
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    let unreachable: unknown;
    for (const endpoint of this.#endpoints) {
      const authorization = await this.#authorization(request.method, request.path, body ?? "");
      try {
        return await endpoint.send(
          {
            method: request.method,
            path: request.path,
            headers: { authorization },
            ...(body === undefined ? {} : { body }),
            repeatable: true,
          },
          call,
        );
      } catch (error) {
        if (!MiniProgramErrors.PLATFORM_UNREACHABLE.is(error)) throw error;
        unreachable = error;
      }
    }
    throw unreachable;
  }

  async #authorization(method: string, path: string, body: string): Promise<string> {
    const timestamp = String(Math.floor(this.#clock.now() / 1000));
    const nonceStr = nonce();
    return formatAuthorization({
      mchid: this.#keys.merchantId,
      serialNo: this.#keys.merchantSerial,
      nonceStr,
      timestamp,
      signature: await signText(requestMessage(method, path, timestamp, nonceStr, body), this.#keys.merchantKey),
    });
  }

  async #check(signature: PlatformSignature, answer: HttpAnswer): Promise<void> {
    const verdict = await checkPlatformSignature(signature, answer.body, this.#keys.platformKeys, this.#clock.now());
    if (verdict !== "valid") throw MiniProgramErrors.PLATFORM_ANSWER_FORGED({ why: verdict });
  }
}

function signatureOf(headers: IncomingHttpHeaders): PlatformSignature | undefined {
  const { timestamp, nonce: nonceHeader, signature, serial } = signatureHeaders;
  const found = [timestamp, nonceHeader, signature, serial].map((name) => headers[name]);
  if (found.every((value) => value === undefined)) return undefined;
  const text = (value: string | string[] | undefined): string => (typeof value === "string" ? value : "");
  return { timestamp: text(found[0]), nonce: text(found[1]), signature: text(found[2]), serial: text(found[3]) };
}
