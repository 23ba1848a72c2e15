import type { Call, Clock } from "@sampan/core";
import { chinaTime } from "../china-time.js";
import { MiniProgramErrors } from "../errors.js";
import type { HttpEndpoint } from "../http-endpoint.js";
import { type JsonObject, objectOf, parseObject, textField } from "../json-fields.js";
import { withSecondTry } from "../second-try.js";
import type { SecretText } from "../secret-text.js";
import { signText, verifyBytes } from "../wechat/pay/signature.js";
import { alipayError } from "./alipay-errors.js";
import { type AlipayConfiguration, type AlipayKeys, defaultGatewayUrl } from "./configuration.js";
import { jsonMember } from "./json-member.js";
import { type Parameters, signedText } from "./signed-text.js";

export interface GatewayRequest {
  /** Such as `alipay.trade.query`. */
  readonly method: string;
  /** Sent as `biz_content`. */
  readonly content?: JsonObject;
  /** Of the interfaces that take no `biz_content`. */
  readonly parameters?: Parameters;
  readonly notifyUrl?: string;
  readonly repeatable: boolean;
  /** What an unknown business failure (40004) means here. Default `PLATFORM_ERROR`. */
  readonly otherwise?: keyof typeof MiniProgramErrors;
  /** Kept out of explanations: the gateway repeats what it was sent when a signature is wrong. */
  readonly alsoSecret?: readonly string[];
}

/**
 * `gateway.do`: signed form requests, answers as one JSON node beside the signature over that node's text. A success
 * counts only when that signature is Alipay's. A failure that is signed must be signed well; one without signature
 * (requests that the gateway could not ascribe to an app) is believed, as TLS vouches for it.
 */
export class AlipayGateway {
  readonly #endpoint: HttpEndpoint;
  readonly #path: string;
  readonly #appId: string;
  readonly #keys: AlipayKeys;
  readonly #secrets: SecretText;
  readonly #clock: Clock;
  readonly #retryDelayMs: number;

  constructor(
    endpoint: HttpEndpoint,
    configuration: AlipayConfiguration,
    keys: AlipayKeys,
    secrets: SecretText,
    clock: Clock,
  ) {
    this.#endpoint = endpoint;
    this.#path = new URL(configuration.gatewayUrl ?? defaultGatewayUrl).pathname;
    this.#appId = configuration.appId;
    this.#keys = keys;
    this.#secrets = secrets;
    this.#clock = clock;
    this.#retryDelayMs = configuration.retryDelayMs ?? 100;
  }

  /** The response node. A vendor's error is thrown as `alipayError`. */
  exchange(request: GatewayRequest, call: Call): Promise<JsonObject> {
    const once = (): Promise<JsonObject> => this.#once(request, call);
    return request.repeatable ? withSecondTry(this.#clock, this.#retryDelayMs, call, once) : once();
  }

  async #once(request: GatewayRequest, call: Call): Promise<JsonObject> {
    const { query, body } = await this.#signed(request);
    const answer = await this.#endpoint.send(
      {
        method: "POST",
        path: `${this.#path}?${query}`,
        headers: { "content-type": "application/x-www-form-urlencoded;charset=utf-8" },
        body,
        repeatable: request.repeatable,
      },
      call,
    );
    if (answer.status === 429) throw MiniProgramErrors.RATE_LIMITED({ platform_code: "HTTP 429" });
    if (answer.status >= 500) throw MiniProgramErrors.PLATFORM_BUSY({ platform_code: `HTTP ${answer.status}` });
    const node = await this.#read(request, answer.status, answer.body);
    if (!failed(node)) return node;
    const explanation = this.#secrets.redact(
      textField(node, "sub_msg") ?? textField(node, "msg") ?? "",
      request.alsoSecret,
    );
    throw alipayError(String(node.code), textField(node, "sub_code") ?? "", explanation, request.otherwise);
  }

  async #signed(request: GatewayRequest): Promise<{ query: string; body: string }> {
    const common: Record<string, string> = {
      app_id: this.#appId,
      method: request.method,
      format: "JSON",
      charset: "utf-8",
      sign_type: "RSA2",
      timestamp: chinaTime(this.#clock.now()),
      version: "1.0",
      ...(request.notifyUrl === undefined ? {} : { notify_url: request.notifyUrl }),
    };
    const own: Record<string, string> = {
      ...request.parameters,
      ...(request.content === undefined ? {} : { biz_content: JSON.stringify(request.content) }),
    };
    common.sign = await signText(signedText({ ...common, ...own }, ["sign"]), this.#keys.appKey);
    return { query: new URLSearchParams(common).toString(), body: new URLSearchParams(own).toString() };
  }

  /** Only what was verified is parsed: the node's own text, not the answer around it. */
  async #read({ method }: GatewayRequest, status: number, body: Buffer): Promise<JsonObject> {
    const envelope = parseObject(body);
    if (status !== 200 || envelope === undefined) {
      throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: `no JSON object, HTTP ${status}` });
    }
    const text = body.toString("utf8");
    const raw = jsonMember(text, `${method.replaceAll(".", "_")}_response`) ?? jsonMember(text, "error_response");
    const node = raw === undefined ? undefined : objectOf(JSON.parse(raw));
    if (raw === undefined || node === undefined) {
      throw MiniProgramErrors.PLATFORM_ANSWER_INVALID({ why: `no answer to ${method}` });
    }
    const signature = textField(envelope, "sign");
    if (signature === undefined) {
      if (failed(node)) return node;
      throw MiniProgramErrors.PLATFORM_ANSWER_FORGED({ why: "no signature" });
    }
    if (!(await verifyBytes(Buffer.from(raw), signature, this.#keys.alipayKey))) {
      throw MiniProgramErrors.PLATFORM_ANSWER_FORGED({ why: "bad-signature" });
    }
    return node;
  }
}

/** Some interfaces (alipay.system.oauth.token) give a code to failures only. */
function failed(node: JsonObject): boolean {
  return Object.hasOwn(node, "code") && node.code !== "10000";
}
