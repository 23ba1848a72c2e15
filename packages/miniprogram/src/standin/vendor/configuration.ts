import type { AlipayConfiguration } from "../../alipay/configuration.js";
import type { DouyinConfiguration } from "../../douyin/configuration.js";
import type { VendorKeys } from "./keys.js";

/** The provider configuration for the Alipay of a stand-in at `url`. The real one differs in nothing but these values. */
export function standinAlipayConfiguration({ alipay }: VendorKeys, url: string): AlipayConfiguration {
  return {
    appId: alipay.appId,
    privateKey: alipay.app.privateKey,
    alipayPublicKey: alipay.platform.publicKey,
    gatewayUrl: `${url}/gateway.do`,
    contentKey: alipay.contentKey,
    pay: { sellerId: alipay.sellerId },
  };
}

/** The same for its Douyin. */
export function standinDouyinConfiguration({ douyin }: VendorKeys, url: string): DouyinConfiguration {
  const { appId, appSecret, salt, token } = douyin;
  return { appId, appSecret, apiUrl: url, pay: { salt, token } };
}
