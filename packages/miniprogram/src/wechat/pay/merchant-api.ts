import type { Call, Clock } from "@sampan/core";
import { MiniProgramErrors } from "../../errors.js";
import type { HttpAnswer } from "../../http-endpoint.js";
import { type JsonObject, parseObject, textField } from "../../json-fields.js";
import type { SecretText } from "../../secret-text.js";
import { type PayErrorMeanings, payError } from "./pay-errors.js";
import type { PlatformKeySource } from "./platform-keys.js";
import { checkPlatformSignature, signatureOf } from "./platform-signature.js";
import type { MerchantRequest, SignedRequests } from "./signed-requests.js";

/** Of an error's body that arrives as a file would, this much is read. */
const maxErrorBytes = 65_536;

/**
 * Pay v3 exchanges, signed both ways. A success counts only with a valid platform signature. An error that is signed
 * must be signed well; one without signature (the platform does not sign all of them) is believed, as TLS vouches for it.
 */
export class MerchantApi {
  readonly #requests: SignedRequests;
  readonly #platformKeys: PlatformKeySource;
  readonly #secrets: SecretText;
  readonly #clock: Clock;

  constructor(requests: SignedRequests, platformKeys: PlatformKeySource, secrets: SecretText, clock: Clock) {
    this.#requests = requests;
    this.#platformKeys = platformKeys;
    this.#secrets = secrets;
    this.#clock = clock;
  }

  /** The answer's object, empty when it has no content. */
  exchange(request: MerchantRequest, call: Call): Promise<JsonObject> {
    const accept = async (answer: HttpAnswer): Promise<JsonObject> => {
      const signature = signatureOf(answer.headers);
      if (signature !== undefined) {
        const verdict = await checkPlatformSignature(signature, answer.body, this.#platformKeys, this.#clock.now());
        if (verdict !== "valid") throw MiniProgramErrors.PLATFORM_ANSWER_FORGED({ why: verdict });
      } else if (isSuccess(answer.status)) {
        throw MiniProgramErrors.PLATFORM_ANSWER_FORGED({ why: "no signature" });
      }
      return objectOf(answer, this.#secrets, request.meanings);
    };
    return this.#requests.send(request, accept, call);
  }

  /** A file that the platform named in a signed answer. The file itself is not signed. */
  async download(url: URL, meanings: PayErrorMeanings, call: Call): Promise<AsyncGenerator<Buffer>> {
    const { status, headers, body } = await this.#requests.stream(url, call);
    if (isSuccess(status)) return body;
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of body) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxErrorBytes) break;
    }
    objectOf({ status, headers, body: Buffer.concat(chunks) }, this.#secrets, meanings);
    throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "no file" });
  }
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The object of an answer whose signature is settled. Throws what an answer that is no success means. */
export function objectOf(answer: HttpAnswer, secrets: SecretText, meanings: PayErrorMeanings = {}): JsonObject {
  if (!isSuccess(answer.status)) {
    const object = parseObject(answer.body);
    const explanation = secrets.redact(textField(object, "message") ?? "");
    throw payError(answer.status, textField(object, "code") ?? "", explanation, meanings);
  }
  if (answer.body.length === 0) return {};
  const object = parseObject(answer.body);
  if (object === undefined) throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: "no JSON object" });
  return object;
}
