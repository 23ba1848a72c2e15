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
import { loadOrCreateStandinKeys, standinConfiguration, startStandin } from "@sampan/miniprogram/standin";
import type { DependencyContext, Opened, SingletonDependency } from "../dependency.js";

const fields = {
  mode: choice(["standin", "wechat"], { default: "standin", doc: "the embedded stand-in, or the real platform" }),
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
  appId: text({ default: "", doc: "wechat: the mini program's app id" }),
  appSecret: optional(secret({ doc: "wechat: the mini program's secret" })),
  merchantId: text({ default: "", doc: "wechat: the merchant number; empty: no payments" }),
  merchantSerial: text({ default: "", doc: "wechat: serial of the merchant certificate" }),
  merchantKey: optional(secret({ doc: "wechat: private key of the merchant certificate, PEM" })),
  apiV3Key: optional(secret({ doc: "wechat: the APIv3 key, 32 bytes" })),
  platformSerial: text({ default: "", doc: "wechat: serial, or PUB_KEY_ID_…, of the platform's public key" }),
  platformKey: optional(secret({ doc: "wechat: the platform's public key, PEM" })),
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
    mode === "wechat" || standinUrl !== undefined
      ? undefined
      : {
          why: "is a stand-in that would run in each worker, with a journal and a port that one process owns",
          fix: "set process.workers to 1, or platform.standinUrl to a stand-in that runs already",
        },
  open: (context) => {
    const settings = context.settings as unknown as PlatformSettings;
    return settings.mode === "wechat" ? openWechat(settings, context) : openStandin(settings, context);
  },
};

async function openStandin(
  settings: PlatformSettings,
  context: DependencyContext,
): Promise<Opened<MiniProgramProvider>> {
  const { dataFolder, clock, logger } = context;
  await mkdir(dataFolder, { recursive: true });
  const keys = await loadOrCreateStandinKeys(join(dataFolder, "standin"));
  if (settings.standinUrl !== undefined) {
    const address = settings.standinUrl.href.replace(/\/$/, "");
    const value = wechatProvider(standinConfiguration(keys, address), { clock, logger });
    return { value, close: () => value.close() };
  }
  const standin = await startStandin({
    keys,
    port: settings.standinPort,
    dataFile: join(dataFolder, "standin", "journal.jsonl"),
    rules: { refundSpacingMs: 0, currencies: settings.standinCurrencies },
    templates,
    logger,
  });
  context.announce("standin", standin.url);
  const value = wechatProvider(standinConfiguration(keys, standin.url), { clock, logger });
  return {
    value,
    async close() {
      value.close();
      await standin.close();
    },
  };
}

function openWechat(settings: PlatformSettings, { clock, logger }: DependencyContext): Opened<MiniProgramProvider> {
  const { appId, merchantId, merchantSerial, platformSerial } = settings;
  const configuration: WeChatConfiguration = {
    appId,
    appSecret: settings.appSecret?.reveal() ?? "",
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
  const value = wechatProvider(configuration, { clock, logger });
  return { value, close: () => value.close() };
}
