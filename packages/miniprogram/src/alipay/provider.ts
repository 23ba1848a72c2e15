import { type Call, type Clock, systemClock } from "@sampan/core";
import { HttpEndpoint } from "../http-endpoint.js";
import type { PayProvider } from "../pay.js";
import type { Capabilities, Login, MessageProvider, MiniProgramProvider, PhoneNumber } from "../provider.js";
import { SecretText } from "../secret-text.js";
import { type AlipayConfiguration, checkAlipay, defaultGatewayUrl } from "./configuration.js";
import { AlipayGateway } from "./gateway.js";
import { AlipayLogin } from "./login.js";
import { AlipayPay } from "./pay/alipay-pay.js";
import { openPhoneNumber } from "./phone-number.js";
import { TemplateMessages } from "./template-message.js";

export interface AlipayDependencies {
  /** Default the system's. */
  readonly clock?: Clock;
}

/** What Alipay has beside the shared interface. */
export interface AlipayProvider extends MiniProgramProvider {
  /**
   * New tokens for a refresh token (`Login.tokens`), which ends with it.
   *
   * Errors: `SESSION_INVALID` (unknown, used or expired), `RATE_LIMITED`, `PLATFORM_*`.
   */
  refreshLogin(refreshToken: string, call: Call): Promise<Login>;
}

/**
 * Alipay, or whatever speaks its protocol at the configured address. One app, whatever the tenant of a call. Opens no
 * connection yet. Throws `CONFIGURATION_INVALID` with every problem at once.
 */
export function alipayProvider(
  configuration: AlipayConfiguration,
  dependencies: AlipayDependencies = {},
): AlipayProvider {
  const keys = checkAlipay(configuration);
  const clock = dependencies.clock ?? systemClock;
  const endpoint = new HttpEndpoint({
    url: new URL(configuration.gatewayUrl ?? defaultGatewayUrl).origin,
    maxSockets: configuration.maxSockets ?? 32,
    timeoutMs: configuration.requestTimeoutMs ?? 5_000,
    clock,
  });
  const secrets = new SecretText([configuration.contentKey ?? ""]);
  const gateway = new AlipayGateway(endpoint, configuration, keys, secrets, clock);
  const logins = new AlipayLogin(gateway, configuration, clock);
  const messages: MessageProvider = new TemplateMessages(gateway, configuration);
  const { appId, pay, subject = "open_id" } = configuration;
  const owner = { appId, sellerId: pay?.sellerId, alipayKey: keys.alipayKey, subject };
  const payments: PayProvider | undefined = pay === undefined ? undefined : new AlipayPay(gateway, owner);
  const { contentKey } = keys;
  const capabilities: Capabilities = {
    sessionSecret: false,
    unionId: false,
    phoneNumber: contentKey !== undefined,
    openData: false,
    checkSession: false,
    messages: true,
    pay: payments !== undefined,
  };
  return {
    name: "alipay",
    capabilities,
    login: (code, call) => logins.login(code, call),
    refreshLogin: (refreshToken, call) => logins.refresh(refreshToken, call),
    ...(contentKey === undefined
      ? {}
      : {
          phoneNumber: async (text: string, call: Call): Promise<PhoneNumber> => {
            call.throwIfAborted();
            return openPhoneNumber(text, keys.alipayKey, contentKey);
          },
        }),
    messages,
    pay: payments,
    close: () => endpoint.close(),
  };
}
