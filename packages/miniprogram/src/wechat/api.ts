import { type Call, type Clock, sleep } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";
import type { HttpEndpoint } from "../http-endpoint.js";
import { integerField, type JsonObject, parseObject, textField } from "../json-fields.js";
import type { SecretText } from "../secret-text.js";
import { apiError, type CodeReasons } from "./api-errors.js";
import type { WeChatApp } from "./app-registry.js";
import { maxTries, type Repeatable, remedyOf } from "./retry-policy.js";

/** A request to `api.weixin.qq.com`. */
export interface ApiRequest {
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Present: it is a POST of this as JSON. */
  readonly body?: unknown;
  readonly repeatable: Repeatable;
  /** What this interface means by codes that others use for something else. */
  readonly reasons?: CodeReasons;
  /** Kept out of the explanation of an error. */
  readonly alsoSecret?: readonly string[];
}

/** What the interfaces of `api.weixin.qq.com` share: JSON over HTTP 200, failures as `errcode`, tokens, second tries. */
export class WeChatApi {
  readonly #endpoint: HttpEndpoint;
  readonly #clock: Clock;
  readonly #retryDelayMs: number;

  constructor(endpoint: HttpEndpoint, clock: Clock, retryDelayMs: number) {
    this.#endpoint = endpoint;
    this.#clock = clock;
    this.#retryDelayMs = retryDelayMs;
  }

  /** A request with the app's access token, which is replaced once when the platform refuses it. */
  async withToken(app: WeChatApp, request: ApiRequest, call: Call): Promise<JsonObject> {
    return this.#tries(request, call, async () => {
      const token = await app.hub.get(call);
      const query = { access_token: token, ...request.query };
      return this.#once({ ...request, query }, app.secrets, call).catch((error: unknown) => {
        if (remedyOf(error, request.repeatable) === "new-token") app.hub.refuse(token);
        throw error;
      });
    });
  }

  /** A request that carries its own credentials. Without a call it is bounded by the time limit of each try. */
  withoutToken(secrets: SecretText, request: ApiRequest, call?: Call): Promise<JsonObject> {
    return this.#tries(request, call, () => this.#once(request, secrets, call));
  }

  async #tries(request: ApiRequest, call: Call | undefined, once: () => Promise<JsonObject>): Promise<JsonObject> {
    for (let tries = 1; ; tries++) {
      try {
        return await once();
      } catch (error) {
        const remedy = remedyOf(error, request.repeatable);
        const delayMs = remedy === "again" ? this.#retryDelayMs : 0;
        const isLate = call !== undefined && call.deadline - this.#clock.now() <= delayMs;
        if (remedy === "none" || tries === maxTries || isLate) throw error;
        if (delayMs > 0) await sleep(this.#clock, delayMs, call?.signal);
      }
    }
  }

  /** The answer's object. A vendor's error is thrown as `apiError`. */
  async #once(request: ApiRequest, secrets: SecretText, call: Call | undefined): Promise<JsonObject> {
    const query = request.query === undefined ? "" : `?${new URLSearchParams(request.query)}`;
    const path = `${request.path}${query}`;
    const { body } = request;
    const answer = await this.#endpoint.send(
      body === undefined
        ? { method: "GET", path, repeatable: false }
        : { method: "POST", path, body: JSON.stringify(body), repeatable: false },
      call,
    );
    if (answer.status === 429) throw MiniProgramErrors.RATE_LIMITED({ platform_code: "HTTP 429" });
    if (answer.status >= 500) throw MiniProgramErrors.PLATFORM_BUSY({ platform_code: `HTTP ${answer.status}` });
    const object = parseObject(answer.body);
    if (answer.status !== 200 || object === undefined) {
      throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: `no JSON object, HTTP ${answer.status}` });
    }
    // Success has errcode 0 or, in older interfaces, none.
    if (!Object.hasOwn(object, "errcode") || object.errcode === 0) return object;
    const errcode = integerField(object, "errcode");
    if (errcode === undefined) throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "errcode is not a number" });
    const explanation = secrets.redactAll(textField(object, "errmsg") ?? "", request.alsoSecret);
    throw apiError(errcode, explanation, request.reasons);
  }
}
