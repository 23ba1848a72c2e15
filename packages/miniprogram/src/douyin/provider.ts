import { type Call, type Clock, silentLogger, systemClock } from "@sampan/core";
import { memoryKeyValue } from "@sampan/core/memory";
import type { KeyValue, Logger } from "@sampan/core/ports";
import { CredentialHub } from "../credential-hub/credential-hub.js";
import { HttpEndpoint } from "../http-endpoint.js";
import type { JsonObject } from "../json-fields.js";
import type { PayProvider } from "../pay.js";
import type {
  Capabilities,
  EncryptedData,
  Login,
  MessageProvider,
  MiniProgramProvider,
  SignedData,
} from "../provider.js";
import { SecretText } from "../secret-text.js";
import { checkSignedData, decryptOpenData } from "../wechat/open-data.js";
import { fetchToken } from "./access-token.js";
import { DouyinApi } from "./api.js";
import { checkDouyin, type DouyinConfiguration, defaultDouyinUrl } from "./configuration.js";
import { login } from "./login.js";
import { SubscribeNotifications } from "./notification.js";
import { DouyinPay } from "./pay/douyin-pay.js";

export interface DouyinDependencies {
  /** Default the system's. */
  readonly clock?: Clock;
  /** Default none. */
  readonly logger?: Logger;
  /** Shared by the instances of an installation, for the access token. Default: this process has its own. */
  readonly keyValue?: KeyValue;
}

/** What Douyin has beside the shared interface. */
export interface DouyinProvider extends MiniProgramProvider {
  /**
   * Exchanges the `anonymousCode` that `tt.login` gives for one who is not logged in to Douyin. The subject is that of a
   * device, not of a person; it is another one after logging in. Errors as `login`.
   */
  loginAnonymously(anonymousCode: string, call: Call): Promise<Login>;
}

/**
 * Douyin, or whatever speaks its protocol at the configured address. One app, whatever the tenant of a call. Opens no
 * connection yet. Throws `CONFIGURATION_INVALID` with every problem at once.
 *
 * Phone numbers come as encrypted open data of the session: `openData` gives `{ phoneNumber, purePhoneNumber,
 * countryCode }`. The newer exchange of a code is not offered, as its documents could not be read.
 */
export function douyinProvider(
  configuration: DouyinConfiguration,
  dependencies: DouyinDependencies = {},
): DouyinProvider {
  checkDouyin(configuration);
  const clock = dependencies.clock ?? systemClock;
  const { appId, appSecret, pay } = configuration;
  const secrets = new SecretText([appSecret, pay?.salt ?? "", pay?.token ?? ""]);
  const endpoint = new HttpEndpoint({
    url: configuration.apiUrl ?? defaultDouyinUrl,
    maxSockets: configuration.maxSockets ?? 32,
    timeoutMs: configuration.requestTimeoutMs ?? 5_000,
    clock,
  });
  const api = new DouyinApi(endpoint, secrets, clock, configuration.retryDelayMs ?? 100);
  const hub = new CredentialHub({
    name: `douyin/${appId}`,
    appSecret,
    fetch: () => fetchToken(api, configuration, clock.now()),
    store: dependencies.keyValue ?? memoryKeyValue({ clock }),
    clock,
    logger: dependencies.logger ?? silentLogger,
    onToken: (token) => secrets.add(token),
  });
  const messages: MessageProvider = new SubscribeNotifications(api, hub, appId);
  const payments: PayProvider | undefined = pay === undefined ? undefined : new DouyinPay(api, appId, pay, clock);
  const maxAgeMs = configuration.openDataMaxAgeMs ?? 3_600_000;
  const capabilities: Capabilities = {
    sessionSecret: true,
    unionId: true,
    phoneNumber: false,
    openData: true,
    checkSession: false,
    messages: true,
    pay: payments !== undefined,
  };
  return {
    name: "douyin",
    capabilities,
    login: (code, call) => login(api, configuration, code, false, call),
    loginAnonymously: (code, call) => login(api, configuration, code, true, call),
    openData: async (data: SignedData | EncryptedData, sessionSecret: string, call: Call): Promise<JsonObject> => {
      call.throwIfAborted();
      if ("rawData" in data) return checkSignedData(data, sessionSecret);
      return decryptOpenData(data, sessionSecret, { appId, now: clock.now(), maxAgeMs });
    },
    messages,
    pay: payments,
    close: () => endpoint.close(),
  };
}
