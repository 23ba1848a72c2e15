import { alipayProvider } from "../alipay/provider.js";
import { douyinProvider } from "../douyin/provider.js";
import { standinAlipayConfiguration, standinConfiguration, standinDouyinConfiguration } from "../standin/index.js";
import { wechatProvider } from "../wechat/provider.js";
import type { ContractSubject } from "./contract-world.fixture.js";

// None waits before a second try, which on a clock that stands still would never end.

export const wechat: ContractSubject = {
  platform: "wechat",
  open: ({ standin }, url, clock) => {
    const configuration = standinConfiguration(standin, url);
    const pay = { ...configuration.pay, retryWaitsMs: [] };
    return wechatProvider({ ...configuration, retryDelayMs: 0, pay }, { clock });
  },
  secrets: ({ standin: keys }) => [keys.appSecret, keys.apiV3Key, keys.merchant.privateKey.split("\n")[1] ?? ""],
  blocksLogin: true,
  message: { thing1: "龙井茶", amount2: "12.00" },
  tellsConflict: true,
  refundsAtOnce: true,
};

export const alipay: ContractSubject = {
  platform: "alipay",
  open: ({ vendors }, url, clock) =>
    alipayProvider({ ...standinAlipayConfiguration(vendors, url), retryDelayMs: 0 }, { clock }),
  secrets: ({ vendors: { alipay: keys } }) => [keys.app.privateKey.split("\n")[1] ?? "", keys.contentKey],
  blocksLogin: false,
  message: { keyword1: "龙井茶", keyword2: "12.00" },
  tellsConflict: true,
  refundsAtOnce: true,
};

export const douyin: ContractSubject = {
  platform: "douyin",
  open: ({ vendors }, url, clock) =>
    douyinProvider({ ...standinDouyinConfiguration(vendors, url), retryDelayMs: 0 }, { clock }),
  secrets: ({ vendors: { douyin: keys } }) => [keys.appSecret, keys.salt, keys.token],
  blocksLogin: false,
  message: { 物品名称: "龙井茶", 购买金额: "12.00" },
  tellsConflict: false,
  refundsAtOnce: false,
};
