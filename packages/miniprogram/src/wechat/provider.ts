import { type Call, type Clock, silentLogger, systemClock } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import type { KeyValue, Logger } from "@sampan/core/ports";
import { HttpEndpoint } from "../http-endpoint.js";
import type { JsonObject } from "../json-fields.js";
import type { PayProvider } from "../pay.js";
import type {
  Capabilities,
  EncryptedData,
  Login,
  MessageProvider,
  MiniProgramProvider,
  PhoneNumber,
  SignedData,
} from "../provider.js";
import type { MessagePush } from "../push.js";
import { SecretText } from "../secret-text.js";
import { WeChatApi } from "./api.js";
import { wechatApp } from "./app.js";
import { AppRegistry } from "./app-registry.js";
import { checkConfiguration, defaultApiUrl, type WeChatConfiguration } from "./configuration.js";
import { login } from "./login.js";
import { checkSignedData, decryptOpenData } from "./open-data.js";
import { openPay } from "./pay/open-pay.js";
import type { PayKeys } from "./pay/pay-configuration.js";
import { phoneNumber } from "./phone-number.js";
import { wechatPush } from "./push/message-push.js";
import { checkSession, resetSession } from "./session.js";
import { SubscribeMessages } from "./subscribe-message.js";

export interface WeChatDependencies {
  /** Default the system's. */
  readonly clock?: Clock;
  /** Default none. */
  readonly logger?: Logger;
  /** Where the instances that use the same app share its access token. Default the memory of this process. */
  readonly keyValue?: KeyValue;
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
  readonly capabilities: Capabilities;
  readonly messages: MessageProvider;
  readonly pay: PayProvider | undefined;
  readonly push: MessagePush | undefined;
  readonly #configuration: WeChatConfiguration;
  readonly #api: WeChatApi;
  readonly #apps: AppRegistry;
  readonly #endpoints: HttpEndpoint[] = [];
  readonly #clock: Clock;

  constructor(configuration: WeChatConfiguration, dependencies: WeChatDependencies) {
    const keys = checkConfiguration(configuration);
    this.capabilities = {
      sessionSecret: true,
      unionId: true,
      phoneNumber: true,
      openData: true,
      checkSession: true,
      messages: true,
      pay: keys !== undefined,
    };
    this.#configuration = configuration;
    this.#clock = dependencies.clock ?? systemClock;
    const clock = this.#clock;
    const logger = dependencies.logger ?? silentLogger;
    const keyValue = dependencies.keyValue ?? memoryKeyValue({ clock });
    const endpoint = this.#endpoint(configuration.apiUrl ?? defaultApiUrl);
    const api = new WeChatApi(endpoint, clock, configuration.retryDelayMs ?? 100);
    this.#api = api;
    this.#apps = new AppRegistry(configuration, (credentials) =>
      wechatApp(credentials, { api, clock, logger, keyValue }),
    );
    const { appId, push } = configuration;
    this.push = push === undefined ? undefined : wechatPush({ appId, ...push }, { clock, logger, keyValue });
    this.messages = new SubscribeMessages(api, this.#apps, configuration);
    const secrets = new SecretText([configuration.appSecret, configuration.pay?.apiV3Key ?? ""]);
    this.pay = keys === undefined ? undefined : this.#pay(keys, secrets, dependencies);
  }

  async login(code: string, call: Call): Promise<Login> {
    return login(this.#api, this.#apps.of(call), code, call);
  }

  async checkSession(subject: string, sessionSecret: string, call: Call): Promise<boolean> {
    return checkSession(this.#api, this.#apps.of(call), subject, sessionSecret, call);
  }

  async resetSession(subject: string, sessionSecret: string, call: Call): Promise<Login> {
    return resetSession(this.#api, this.#apps.of(call), subject, sessionSecret, call);
  }

  async phoneNumber(code: string, call: Call): Promise<PhoneNumber> {
    return phoneNumber(this.#api, this.#apps.of(call), code, call);
  }

  async openData(data: SignedData | EncryptedData, sessionSecret: string, call: Call): Promise<JsonObject> {
    if ("rawData" in data) return checkSignedData(data, sessionSecret);
    const { appId } = this.#apps.of(call);
    const maxAgeMs = this.#configuration.openDataMaxAgeMs ?? 300_000;
    return decryptOpenData(data, sessionSecret, { appId, now: this.#clock.now(), maxAgeMs });
  }

  close(): void {
    for (const endpoint of this.#endpoints) endpoint.close();
  }

  #pay(keys: PayKeys, secrets: SecretText, dependencies: WeChatDependencies): PayProvider {
    const hosts = keys.urls.map((url) => ({ origin: new URL(url).origin, endpoint: this.#endpoint(url) }));
    return openPay(hosts, keys, secrets, this.#clock, dependencies);
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
