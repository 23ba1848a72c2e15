import { type Call, type Clock, silentLogger, systemClock } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";
import type { PayProvider } from "../pay.js";
import type { Capabilities, Login, MessageProvider, MiniProgramProvider } from "../provider.js";
import { AccessToken } from "./access-token.js";
import { WeChatApi } from "./api.js";
import {
  checkConfiguration,
  defaultApiUrl,
  defaultPayUrls,
  type PayKeys,
  type WeChatConfiguration,
} from "./configuration.js";
import { HttpEndpoint } from "./http-endpoint.js";
import { login } from "./login.js";
import { MerchantApi } from "./pay/merchant-api.js";
import { PayV3 } from "./pay/pay-v3.js";
import { SecretText } from "./secret-text.js";
import { SubscribeMessages } from "./subscribe-message.js";

export interface WeChatDependencies {
  /** Default the system's. */
  readonly clock?: Clock;
  /** Default none. */
  readonly logger?: Logger;
}

/**
 * WeChat, or whatever speaks its protocol at the configured addresses. Opens no connection yet.
 * Throws `CONFIGURATION_INVALID` with every problem at once.
 */
export function wechatProvider(
  configuration: WeChatConfiguration,
  dependencies: WeChatDependencies = {},
): MiniProgramProvider {
  return new WeChatProvider(configuration, dependencies);
}

class WeChatProvider implements MiniProgramProvider {
  readonly name = "wechat";
  readonly capabilities: Capabilities = { sessionSecret: true, unionId: true };
  readonly messages: MessageProvider;
  readonly pay: PayProvider | undefined;
  readonly #configuration: WeChatConfiguration;
  readonly #api: WeChatApi;
  readonly #endpoints: HttpEndpoint[] = [];
  readonly #clock: Clock;

  constructor(configuration: WeChatConfiguration, dependencies: WeChatDependencies) {
    const keys = checkConfiguration(configuration);
    this.#configuration = configuration;
    this.#clock = dependencies.clock ?? systemClock;
    const logger = dependencies.logger ?? silentLogger;
    const secrets = new SecretText([configuration.appSecret, configuration.pay?.apiV3Key ?? ""]);
    this.#api = new WeChatApi(this.#endpoint(configuration.apiUrl ?? defaultApiUrl), secrets);
    const token = new AccessToken(this.#api, configuration, secrets, this.#clock, logger);
    this.messages = new SubscribeMessages(this.#api, token, configuration);
    this.pay = keys === undefined ? undefined : this.#payV3(keys, secrets);
  }

  login(code: string, call: Call): Promise<Login> {
    return login(this.#api, this.#configuration, code, call);
  }

  close(): void {
    for (const endpoint of this.#endpoints) endpoint.close();
  }

  #payV3(keys: PayKeys, secrets: SecretText): PayProvider {
    const urls = this.#configuration.pay?.urls ?? defaultPayUrls;
    const endpoints = urls.map((url) => this.#endpoint(url));
    return new PayV3(new MerchantApi(endpoints, keys, secrets, this.#clock), keys, this.#clock);
  }

  #endpoint(url: string): HttpEndpoint {
    const endpoint = new HttpEndpoint({
      url,
      maxSockets: this.#configuration.maxSockets ?? 32,
      timeoutMs: this.#configuration.requestTimeoutMs ?? 5_000,
      clock: this.#clock,
    });
    this.#endpoints.push(endpoint);
    return endpoint;
  }
}
