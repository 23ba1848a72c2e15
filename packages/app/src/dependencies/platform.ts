import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  choice,
  integer,
  list,
  optional,
  type Settings,
  type SettingsOf,
  secret,
  settings,
  text,
  url,
} from "@sampan/config";
import { type MiniProgramProvider, type WeChatConfiguration, wechatProvider } from "@sampan/miniprogram";
import {
  loadOrCreateStandinKeys,
  loadOrCreateVendorKeys,
  relaxedRules,
  standinConfiguration,
  startStandin,
} from "@sampan/miniprogram/standin";
import type { DependencyContext, Opened, SingletonDependency } from "../dependency.js";
import { keyValue } from "./key-value.js";
import { tenantApps } from "./platform-apps.js";
import { standinVendor, type VendorName, vendorProvider } from "./platform-vendors.js";

const fields = {
  mode: choice(["standin", "wechat", "alipay", "douyin"], {
    default: "standin",
    doc: "the embedded stand-in, or the real platform",
  }),
  standinAs: choice(["wechat", "alipay", "douyin"], { default: "wechat", doc: "which platform the stand-in is here" }),
  standinPort: integer({
    default: 0,
    min: 0,
    max: 65_535,
    doc: "where the embedded stand-in listens; 0 picks a free port",
  }),
  standinUrl: optional(url({ doc: "a stand-in that runs already; default: one is started in this process" })),
  standinCurrencies: list(text({ pattern: /^[A-Z]{3}$/ }), {
    default: ["CNY"],
    doc: "what the stand-in takes payments in",
  }),
  appId: text({ default: "", doc: "the mini program's app id" }),
  appSecret: optional(secret({ doc: "wechat, douyin: the mini program's secret" })),
  tenantApps: optional(
    secret({ doc: "wechat: apps of tenants that have their own, as JSON: {tenant: {appId, appSecret}}" }),
  ),
  pushToken: optional(secret({ doc: "token of the message push address; absent: no messages are taken" })),
  pushAesKey: optional(
    secret({ doc: "EncodingAESKey of the message push address, 43 characters; absent: plain mode" }),
  ),
  previousPushAesKey: optional(secret({ doc: "the EncodingAESKey before, while it is being changed" })),
  merchantId: text({ default: "", doc: "wechat: the merchant number; empty: no payments" }),
  merchantSerial: text({ default: "", doc: "wechat: serial of the merchant certificate" }),
  merchantKey: optional(secret({ doc: "wechat: private key of the merchant certificate, PEM" })),
  apiV3Key: optional(secret({ doc: "wechat: the APIv3 key, 32 bytes" })),
  platformSerial: text({ default: "", doc: "wechat: serial, or PUB_KEY_ID_…, of the platform's public key" }),
  platformKey: optional(secret({ doc: "wechat, alipay: the platform's public key, PEM" })),
  appKey: optional(secret({ doc: "alipay: the app's private key, PEM" })),
  contentKey: optional(
    secret({ doc: "alipay: the app's key for encrypted content, base64; absent: no phone numbers" }),
  ),
  subject: choice(["open_id", "user_id"], { default: "open_id", doc: "alipay: which id of a user is theirs here" }),
  sellerId: text({ default: "", doc: "alipay: the account that is paid, 2088…; empty: no payments" }),
  ecpaySalt: optional(secret({ doc: "douyin: what payment requests are signed with; absent: no payments" })),
  ecpayToken: optional(secret({ doc: "douyin: what payment callbacks are signed with" })),
};

const PlatformSettings: Settings<typeof fields> = settings(fields);
type PlatformSettings = SettingsOf<typeof PlatformSettings>;

/** The message templates that the platform's services use, as the stand-in must know them. */
const keywords = ["character_string1", "amount2", "phrase3"];
const templates = Object.fromEntries(
  ["confirmed", "cancelled", "expired", "failed", "refunded"].map((event) => [`tpl-order-${event}`, keywords]),
);

/**
 * The mini-program platform. By default a stand-in that runs in this process and keeps its state in the data folder;
 * the real one is configuration only. The stand-in keeps every rule of the real one but the minute between two refunds.
 */
export const platform: SingletonDependency<MiniProgramProvider> = {
  name: "platform",
  lifetime: "process",
  settings: PlatformSettings,
  oneProcessOnly: ({ mode, standinUrl }) =>
    mode !== "standin" || standinUrl !== undefined
      ? undefined
      : {
          why: "is a stand-in that would run in each worker, with a journal and a port that one process owns",
          fix: "set process.workers to 1, or platform.standinUrl to a stand-in that runs already",
        },
  open: (context) => {
    const settings = context.settings as unknown as PlatformSettings;
    switch (settings.mode) {
      case "wechat":
        return openWechat(settings, context);
      case "standin":
        return openStandin(settings, context);
      default:
        return openVendor(settings.mode, settings, context);
    }
  },
};

async function openStandin(
  settings: PlatformSettings,
  context: DependencyContext,
): Promise<Opened<MiniProgramProvider>> {
  const { dataFolder, clock, logger } = context;
  const dependencies = { clock, logger, keyValue: await context.need(keyValue) };
  await mkdir(dataFolder, { recursive: true });
  const folder = join(dataFolder, "standin");
  const keys = await loadOrCreateStandinKeys(folder);
  const { standinAs } = settings;
  const vendors = standinAs === "wechat" ? undefined : await loadOrCreateVendorKeys(folder);
  const providerAt = (url: string): MiniProgramProvider =>
    standinAs === "wechat" || vendors === undefined
      ? wechatProvider({ ...standinConfiguration(keys, url), ...pushOf(settings) }, dependencies)
      : standinVendor(standinAs, vendors, url, dependencies);
  if (settings.standinUrl !== undefined) {
    const value = providerAt(settings.standinUrl.href.replace(/\/$/, ""));
    return { value, close: () => value.close() };
  }
  const standin = await startStandin({
    keys,
    ...(vendors === undefined ? {} : { vendors }),
    port: settings.standinPort,
    dataFile: join(dataFolder, "standin", "journal.jsonl"),
    rules: { ...relaxedRules, currencies: settings.standinCurrencies },
    templates,
    logger,
  });
  context.announce("standin", standin.url);
  try {
    const value = providerAt(standin.url);
    return {
      value,
      async close() {
        value.close();
        await standin.close();
      },
    };
  } catch (error) {
    await standin.close();
    throw error;
  }
}

async function openWechat(
  settings: PlatformSettings,
  { clock, logger, need }: DependencyContext,
): Promise<Opened<MiniProgramProvider>> {
  const { appId, merchantId, merchantSerial, platformSerial } = settings;
  const own = { appId, appSecret: settings.appSecret?.reveal() ?? "" };
  const apps = settings.tenantApps?.reveal();
  const configuration: WeChatConfiguration = {
    ...own,
    ...(apps === undefined ? {} : { credentials: tenantApps(apps, own) }),
    ...pushOf(settings),
    ...(merchantId === ""
      ? {}
      : {
          pay: {
            merchantId,
            merchantSerial,
            merchantPrivateKey: settings.merchantKey?.reveal() ?? "",
            apiV3Key: settings.apiV3Key?.reveal() ?? "",
            platformPublicKeys: { [platformSerial]: settings.platformKey?.reveal() ?? "" },
          },
        }),
  };
  const value = wechatProvider(configuration, { clock, logger, keyValue: await need(keyValue) });
  return { value, close: () => value.close() };
}

async function openVendor(
  vendor: VendorName,
  settings: PlatformSettings,
  { clock, logger, need }: DependencyContext,
): Promise<Opened<MiniProgramProvider>> {
  const value = vendorProvider(vendor, settings, { clock, logger, keyValue: await need(keyValue) });
  return { value, close: () => value.close() };
}

/** Of both modes: a stand-in is told its push address through its control interface. */
function pushOf({ pushToken, pushAesKey, previousPushAesKey }: PlatformSettings): Pick<WeChatConfiguration, "push"> {
  if (pushToken === undefined) return {};
  return {
    push: {
      token: pushToken.reveal(),
      ...(pushAesKey === undefined ? {} : { encodingAesKey: pushAesKey.reveal() }),
      ...(previousPushAesKey === undefined ? {} : { previousEncodingAesKey: previousPushAesKey.reveal() }),
    },
  };
}
