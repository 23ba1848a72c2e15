import { type Call, type Clock, sleep } from "@sampan/core";
import { MiniProgramErrors } from "../../errors.js";
import type { HttpAnswer, HttpEndpoint, HttpExchange, HttpStream } from "../../http-endpoint.js";
import type { JsonObject } from "../../json-fields.js";
import { formatAuthorization } from "./authorization.js";
import type { PayKeys } from "./pay-configuration.js";
import type { PayErrorMeanings } from "./pay-errors.js";
import { repetition } from "./repetition.js";
import { nonce, requestMessage, signText } from "./signature.js";

export interface MerchantRequest {
  readonly method: "GET" | "POST";
  /** With its query. */
  readonly path: string;
  readonly body?: JsonObject;
  /** What a code of the platform means here, when it means something else elsewhere. */
  readonly meanings?: PayErrorMeanings;
  /** Default true: everything of Pay v3 that is used here is known by the merchant's own number. */
  readonly repeatable?: boolean;
}

export interface MerchantHost {
  /** Scheme, host and port. */
  readonly origin: string;
  readonly endpoint: HttpEndpoint;
}

/** Requests that the merchant signs, each time anew, sent again by the rules of `repetition`. */
export class SignedRequests {
  readonly #hosts: readonly MerchantHost[];
  readonly #keys: PayKeys;
  readonly #clock: Clock;

  /** `hosts` has at least one; the later ones stand in for the earlier. */
  constructor(hosts: readonly MerchantHost[], keys: PayKeys, clock: Clock) {
    this.#hosts = hosts;
    this.#keys = keys;
    this.#clock = clock;
  }

  /** What `accept` makes of the answer. It throws for one that is no success, and that error may lead to another try. */
  async send<T>(request: MerchantRequest, accept: (answer: HttpAnswer) => T | Promise<T>, call?: Call): Promise<T> {
    let host = 0;
    for (let attempts = 1; ; attempts++) {
      const { endpoint } = this.#hosts[host] as MerchantHost;
      try {
        return await accept(await endpoint.send(await this.#signed(request), call));
      } catch (error) {
        const next = repetition({
          error,
          repeatable: request.repeatable ?? true,
          attempts,
          hostsLeft: this.#hosts.length - 1 - host,
          waitsMs: this.#keys.retryWaitsMs,
          random: Math.random(),
        });
        if (next === "give-up") throw error;
        if (next.nextHost) host++;
        // A wait that the call does not survive would hide what happened.
        if (call !== undefined && call.deadline <= this.#clock.now() + next.waitMs) throw error;
        if (next.waitMs > 0) await sleep(this.#clock, next.waitMs, call?.signal);
      }
    }
  }

  /** An answer while it arrives. `url` must be at one of the hosts: nobody else is shown the merchant's signature. */
  async stream(url: URL, call: Call): Promise<HttpStream> {
    const host = this.#hosts.find(({ origin }) => origin === url.origin);
    if (host === undefined)
      throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "a file at a host of somebody else" });
    return host.endpoint.stream(await this.#signed({ method: "GET", path: url.pathname + url.search }), call);
  }

  async #signed(request: MerchantRequest): Promise<HttpExchange> {
    const { method, path, repeatable = true } = request;
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const timestamp = String(Math.floor(this.#clock.now() / 1000));
    const nonceStr = nonce();
    const { merchantId, merchantSerial, merchantKey, publicKeyId } = this.#keys;
    const authorization = formatAuthorization({
      mchid: merchantId,
      serialNo: merchantSerial,
      nonceStr,
      timestamp,
      signature: await signText(requestMessage(method, path, timestamp, nonceStr, body ?? ""), merchantKey),
    });
    return {
      method,
      path,
      // During the migration of a merchant this asks for answers that the public key signs.
      headers: { authorization, ...(publicKeyId === undefined ? {} : { "wechatpay-serial": publicKeyId }) },
      ...(body === undefined ? {} : { body }),
      repeatable,
    };
  }
}
