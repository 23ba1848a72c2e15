import type { Secret } from "@sampan/config";
import type { Clock } from "@sampan/core";
import type { KeyValue, Logger } from "@sampan/core/ports";
import { alipayProvider, douyinProvider, type MiniProgramProvider } from "@sampan/miniprogram";
import { standinAlipayConfiguration, standinDouyinConfiguration, type VendorKeys } from "@sampan/miniprogram/standin";

/** The platforms beside WeChat that an installation can run on. */
export type VendorName = "alipay" | "douyin";

/** What the `platform` section says of them. */
export interface VendorSettings {
  readonly appId: string;
  readonly appSecret: Secret | undefined;
  readonly appKey: Secret | undefined;
  readonly platformKey: Secret | undefined;
  readonly contentKey: Secret | undefined;
  readonly subject: "open_id" | "user_id";
  readonly sellerId: string;
  readonly ecpaySalt: Secret | undefined;
  readonly ecpayToken: Secret | undefined;
}

export interface VendorDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly keyValue: KeyValue;
}

/** The real platform. What is missing or wrong is named by `CONFIGURATION_INVALID`. */
export function vendorProvider(
  vendor: VendorName,
  settings: VendorSettings,
  dependencies: VendorDependencies,
): MiniProgramProvider {
  const { appId, appSecret, appKey, platformKey, contentKey, subject, sellerId } = settings;
  if (vendor === "alipay") {
    return alipayProvider(
      {
        appId,
        privateKey: appKey?.reveal() ?? "",
        alipayPublicKey: platformKey?.reveal() ?? "",
        subject,
        ...(contentKey === undefined ? {} : { contentKey: contentKey.reveal() }),
        ...(sellerId === "" ? {} : { pay: { sellerId } }),
      },
      dependencies,
    );
  }
  const { ecpaySalt, ecpayToken } = settings;
  const hasPay = ecpaySalt !== undefined || ecpayToken !== undefined;
  const pay = { salt: ecpaySalt?.reveal() ?? "", token: ecpayToken?.reveal() ?? "" };
  return douyinProvider({ appId, appSecret: appSecret?.reveal() ?? "", ...(hasPay ? { pay } : {}) }, dependencies);
}

/** The stand-in at `url` as that platform. */
export function standinVendor(
  vendor: VendorName,
  keys: VendorKeys,
  url: string,
  dependencies: VendorDependencies,
): MiniProgramProvider {
  return vendor === "alipay"
    ? alipayProvider(standinAlipayConfiguration(keys, url), dependencies)
    : douyinProvider(standinDouyinConfiguration(keys, url), dependencies);
}
