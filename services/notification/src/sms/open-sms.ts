import { randomBytes } from "node:crypto";
import type { Clock } from "@sampan/core";
import { httpSms } from "./http-sms.js";
import type { SmsProvider } from "./sms-provider.js";
import { defaultNumberLimits } from "./standin/number-limits.js";
import { startSmsStandin } from "./standin/standin.js";

export interface SmsChoice {
  readonly sms: "off" | "standin" | "http";
  readonly smsUrl: URL | undefined;
  readonly smsKeyId: string;
  readonly smsKeySecret: { reveal(): string } | undefined;
  readonly smsSignNames: readonly string[];
}

/** The stand-in's templates: one for each event, as a provider would have registered them. */
const standinTemplates = Object.fromEntries(
  ["confirmed", "cancelled", "expired", "failed", "refunded"].map((event) => [
    `sms-order-${event}`,
    ["order", "amount"],
  ]),
);

/** Undefined when short messages are off. Rejects with every setting that is missing. */
export async function openSms(
  choice: SmsChoice,
  clock: Clock,
): Promise<{ readonly sms: SmsProvider; close(): Promise<void> } | undefined> {
  const { smsSignNames: signNames, smsKeyId: keyId } = choice;
  if (choice.sms === "off") return undefined;
  if (choice.sms === "standin") {
    const keys = { keyId: "standin", keySecret: randomBytes(32).toString("hex") };
    const account = { ...keys, signNames, templates: standinTemplates, limits: defaultNumberLimits };
    const standin = await startSmsStandin({ ...account, clock });
    const sms = httpSms({ url: standin.url, ...keys, signNames, clock });
    return { sms, close: () => standin.close() };
  }
  const missing = [
    ...(choice.smsUrl === undefined ? ["notification.smsUrl"] : []),
    ...(keyId === "" ? ["notification.smsKeyId"] : []),
    ...(choice.smsKeySecret === undefined ? ["notification.smsKeySecret"] : []),
    ...(signNames.length === 0 ? ["notification.smsSignNames"] : []),
  ];
  if (missing.length > 0) throw new Error(`notification.sms is http, and it needs ${missing.join(", ")}`);
  const keySecret = choice.smsKeySecret?.reveal() ?? "";
  const sms = httpSms({ url: choice.smsUrl as URL, keyId, keySecret, signNames, clock });
  return { sms, close: async () => sms.close() };
}
