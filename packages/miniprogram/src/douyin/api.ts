import type { Call, Clock } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";
import type { HttpEndpoint } from "../http-endpoint.js";
import { integerField, type JsonObject, parseObject, textField } from "../json-fields.js";
import { withSecondTry } from "../second-try.js";
import type { SecretText } from "../secret-text.js";
import { douyinError, type ErrNoReasons } from "./douyin-errors.js";

export interface DouyinRequest {
  readonly path: string;
  readonly body: JsonObject;
  readonly reasons: ErrNoReasons;
  readonly repeatable: boolean;
  /** Kept out of explanations. */
  readonly alsoSecret?: readonly string[];
}

/** What the interfaces of `developer.toutiao.com` share: JSON over HTTP 200, failures as `err_no` and `err_tips`. */
export class DouyinApi {
  readonly #endpoint: HttpEndpoint;
  readonly #secrets: SecretText;
  readonly #clock: Clock;
  readonly #retryDelayMs: number;

  constructor(endpoint: HttpEndpoint, secrets: SecretText, clock: Clock, retryDelayMs: number) {
    this.#endpoint = endpoint;
    this.#secrets = secrets;
    this.#clock = clock;
    this.#retryDelayMs = retryDelayMs;
  }

  /** The answer's object. A vendor's error is thrown as `douyinError`. Without a call it is bounded by its own limit. */
  exchange(request: DouyinRequest, call?: Call): Promise<JsonObject> {
    const once = (): Promise<JsonObject> => this.#once(request, call);
    if (!request.repeatable || call === undefined) return once();
    return withSecondTry(this.#clock, this.#retryDelayMs, call, once);
  }

  async #once(request: DouyinRequest, call: Call | undefined): Promise<JsonObject> {
    const { path, repeatable } = request;
    const body = JSON.stringify(request.body);
    const answer = await this.#endpoint.send({ method: "POST", path, body, repeatable }, call);
    if (answer.status === 429) throw MiniProgramErrors.RATE_LIMITED({ platform_code: "HTTP 429" });
    if (answer.status >= 500) throw MiniProgramErrors.PLATFORM_BUSY({ platform_code: `HTTP ${answer.status}` });
    const object = parseObject(answer.body);
    const errNo = integerField(object, "err_no");
    if (answer.status !== 200 || object === undefined || errNo === undefined) {
      throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: `no JSON object with err_no, HTTP ${answer.status}` });
    }
    if (errNo === 0) return object;
    const explanation = this.#secrets.redact(textField(object, "err_tips") ?? "", request.alsoSecret);
    throw douyinError(errNo, explanation, request.reasons);
  }
}
