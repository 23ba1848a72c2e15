import type { WeChatConfiguration } from "../wechat/configuration.js";
import type { StandinKeys } from "./keys.js";

/** The provider configuration for a stand-in at `url`. The real platform differs in nothing but these values. */
export function standinConfiguration(
  keys: StandinKeys,
  url: string,
): WeChatConfiguration & Required<Pick<WeChatConfiguration, "pay">> {
  return {
    appId: keys.appId,
    appSecret: keys.appSecret,
    apiUrl: url,
    pay: {
      merchantId: keys.merchantId,
      merchantSerial: keys.merchantSerial,
      merchantPrivateKey: keys.merchant.privateKey,
      apiV3Key: keys.apiV3Key,
      platformPublicKeys: Object.fromEntries(keys.platform.map((key) => [key.serial, key.publicKey])),
      urls: [url],
    },
  };
}
