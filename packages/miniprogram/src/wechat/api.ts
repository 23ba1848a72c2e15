import type { Call } from "@sampan/core";
import { MiniProgramErrors } from "../errors.js";
import { integerField, type JsonObject, parseObject, textField } from "../json-fields.js";
import { apiError } from "./api-errors.js";
import type { HttpEndpoint, HttpExchange } from "./http-endpoint.js";
import type { SecretText } from "./secret-text.js";

/** What the interfaces of `api.weixin.qq.com` share: JSON over HTTP 200, failures as `errcode`. */
export class WeChatApi {
  readonly #endpoint: HttpEndpoint;
  readonly #secrets: SecretText;

  constructor(endpoint: HttpEndpoint, secrets: SecretText) {
    this.#endpoint = endpoint;
    this.#secrets = secrets;
  }

  /** The answer's object. A vendor's error is thrown as `apiError`; `alsoSecret` is kept out of its explanation. */
  async exchange(exchange: HttpExchange, call?: Call, alsoSecret: readonly string[] = []): Promise<JsonObject> {
    const answer = await this.#endpoint.send(exchange, call);
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
    throw apiError(errcode, this.#secrets.redact(textField(object, "errmsg") ?? "", alsoSecret));
  }
}

/** The vendor's code of an error about credentials or the access token. */
export function credentialsCode(thrown: unknown): number | undefined {
  if (!MiniProgramErrors.PLATFORM_REFUSED_CREDENTIALS.is(thrown)) return undefined;
  return Number(thrown.info?.metadata.platform_code);
}
