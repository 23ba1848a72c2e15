import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { MiniProgramErrors } from "../errors.js";

/** All that ties the provider to one mini program, and to the real platform or to a stand-in. */
export interface WeChatConfiguration {
  readonly appId: string;
  readonly appSecret: string;
  /** Default `https://api.weixin.qq.com`. */
  readonly apiUrl?: string;
  /** Absent: the provider has no `pay`. */
  readonly pay?: WeChatPayConfiguration;
  /** Limit of one exchange in ms, below the call's own deadline. Default 5000. */
  readonly requestTimeoutMs?: number;
  /** Connections to each host; more exchanges wait for a free one. Default 32. */
  readonly maxSockets?: number;
  /** Which version of the mini program a message opens. Default `formal`. */
  readonly miniProgramState?: "developer" | "trial" | "formal";
}

export interface WeChatPayConfiguration {
  readonly merchantId: string;
  /** Serial of the merchant's certificate: 40 hexadecimal digits. */
  readonly merchantSerial: string;
  /** PEM, PKCS#8 or PKCS#1, RSA. */
  readonly merchantPrivateKey: string;
  /** 32 bytes. */
  readonly apiV3Key: string;
  /** PEM public keys (or certificates) of the platform by serial, or by `PUB_KEY_ID_…`; several during a migration. */
  readonly platformPublicKeys: Readonly<Record<string, string>>;
  /** Tried in order while nothing could be sent. Default the main host and the backup host of the vendor. */
  readonly urls?: readonly string[];
}

/** The pay configuration with its keys parsed once. */
export interface PayKeys {
  readonly appId: string;
  readonly merchantId: string;
  readonly merchantSerial: string;
  readonly merchantKey: KeyObject;
  readonly apiV3Key: Buffer;
  readonly platformKeys: ReadonlyMap<string, KeyObject>;
}

export const defaultApiUrl = "https://api.weixin.qq.com";
export const defaultPayUrls: readonly string[] = ["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"];

/** Every problem at once, none of which repeats a secret. Throws `CONFIGURATION_INVALID`. */
export function checkConfiguration(configuration: WeChatConfiguration): PayKeys | undefined {
  const problems: string[] = [];
  if (configuration.appId === "") problems.push("appId is empty");
  if (configuration.appSecret === "") problems.push("appSecret is empty");
  checkUrl("apiUrl", configuration.apiUrl ?? defaultApiUrl, problems);
  const keys = configuration.pay === undefined ? undefined : payKeys(configuration.appId, configuration.pay, problems);
  if (problems.length > 0) throw MiniProgramErrors.CONFIGURATION_INVALID({ problems: problems.join("; ") });
  return keys;
}

function payKeys(appId: string, pay: WeChatPayConfiguration, problems: string[]): PayKeys | undefined {
  if (pay.merchantId === "") problems.push("pay.merchantId is empty");
  if (!/^[0-9A-Fa-f]{8,40}$/.test(pay.merchantSerial)) problems.push("pay.merchantSerial is not a certificate serial");
  const apiV3Key = Buffer.from(pay.apiV3Key, "utf8");
  if (apiV3Key.length !== 32) problems.push("pay.apiV3Key does not have 32 bytes");
  const urls = pay.urls ?? defaultPayUrls;
  if (urls.length === 0) problems.push("pay.urls is empty");
  for (const url of urls) checkUrl("pay.urls", url, problems);
  const merchantKey = rsaKey("pay.merchantPrivateKey", () => createPrivateKey(pay.merchantPrivateKey), problems);
  const platformKeys = new Map<string, KeyObject>();
  for (const [serial, pem] of Object.entries(pay.platformPublicKeys)) {
    const key = rsaKey(`pay.platformPublicKeys.${serial}`, () => createPublicKey(pem), problems);
    if (key !== undefined) platformKeys.set(serial, key);
  }
  if (platformKeys.size === 0) problems.push("pay.platformPublicKeys has no usable key");
  if (merchantKey === undefined) return undefined;
  const { merchantId, merchantSerial } = pay;
  return { appId, merchantId, merchantSerial, merchantKey, apiV3Key, platformKeys };
}

function rsaKey(name: string, parse: () => KeyObject, problems: string[]): KeyObject | undefined {
  try {
    const key = parse();
    if (key.asymmetricKeyType === "rsa") return key;
    problems.push(`${name} is not an RSA key`);
  } catch {
    // The parser's message may quote the text, so it is not repeated.
    problems.push(`${name} is not a PEM key`);
  }
  return undefined;
}

function checkUrl(name: string, value: string, problems: string[]): void {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  // The path is signed, so a prefix that a proxy takes away would break every signature.
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== "/" || url.search !== "") {
    problems.push(`${name} is not an http or https address without a path`);
  }
}
