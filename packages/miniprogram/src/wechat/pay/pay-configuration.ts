import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { rsaKey } from "../../rsa-key.js";
import { checkUrl } from "../address.js";

export interface WeChatPayConfiguration {
  readonly merchantId: string;
  /** Serial of the merchant's certificate: 40 hexadecimal digits. */
  readonly merchantSerial: string;
  /** PEM, PKCS#8 or PKCS#1, RSA. */
  readonly merchantPrivateKey: string;
  /** 32 bytes. */
  readonly apiV3Key: string;
  /** PEM public keys (or certificates) of the platform by serial, or by `PUB_KEY_ID_…`; several during a migration. */
  readonly platformPublicKeys?: Readonly<Record<string, string>>;
  /**
   * Serials that are not among the keys are looked for in the platform's certificates, which are downloaded and kept up
   * to date. Default: when there are no keys. A merchant whom the platform gives only a public key has no certificates.
   */
  readonly downloadCertificates?: boolean;
  /** Tried in order: the next when one cannot be reached or does not answer. Default the vendor's two hosts. */
  readonly urls?: readonly string[];
  /** Waits (ms) before a request that a busy platform did not take is sent again. Default 200 and 1000; none: never. */
  readonly retryWaitsMs?: readonly number[];
  /** Of a bill, unpacked, in bytes, and of one of its lines. Default 2 GiB and 64 KiB. */
  readonly maxBillBytes?: number;
  readonly maxBillLineBytes?: number;
}

/** The pay configuration with its keys parsed once. */
export interface PayKeys {
  readonly appId: string;
  readonly merchantId: string;
  readonly merchantSerial: string;
  readonly merchantKey: KeyObject;
  readonly apiV3Key: Buffer;
  readonly platformKeys: ReadonlyMap<string, KeyObject>;
  /** The platform's public key that answers should be signed with, when there is one. */
  readonly publicKeyId: string | undefined;
  readonly downloadCertificates: boolean;
  readonly urls: readonly string[];
  readonly retryWaitsMs: readonly number[];
  readonly maxBillBytes: number;
  readonly maxBillLineBytes: number;
}

const defaultUrls: readonly string[] = ["https://api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com"];

/** Undefined, with every problem added to `problems`, when something is wrong. No problem repeats a secret. */
export function payKeys(appId: string, pay: WeChatPayConfiguration, problems: string[]): PayKeys | undefined {
  if (pay.merchantId === "") problems.push("pay.merchantId is empty");
  if (!/^[0-9A-Fa-f]{8,40}$/.test(pay.merchantSerial)) problems.push("pay.merchantSerial is not a certificate serial");
  const apiV3Key = Buffer.from(pay.apiV3Key, "utf8");
  if (apiV3Key.length !== 32) problems.push("pay.apiV3Key does not have 32 bytes");
  const urls = pay.urls ?? defaultUrls;
  if (urls.length === 0) problems.push("pay.urls is empty");
  for (const url of urls) checkUrl("pay.urls", url, problems);
  const retryWaitsMs = pay.retryWaitsMs ?? [200, 1000];
  if (!retryWaitsMs.every((wait) => wait > 0 && wait <= 60_000)) {
    problems.push("pay.retryWaitsMs is not a list of 1 to 60000");
  }
  const { maxBillBytes = 2 ** 31, maxBillLineBytes = 65_536 } = pay;
  if (!(maxBillBytes > 0 && maxBillLineBytes > 0)) problems.push("pay.maxBillBytes or maxBillLineBytes is not above 0");
  const merchantKey = rsaKey("pay.merchantPrivateKey", () => createPrivateKey(pay.merchantPrivateKey), problems);
  const platformKeys = new Map<string, KeyObject>();
  for (const [serial, pem] of Object.entries(pay.platformPublicKeys ?? {})) {
    const key = rsaKey(`pay.platformPublicKeys.${serial}`, () => createPublicKey(pem), problems);
    if (key !== undefined) platformKeys.set(serial, key);
  }
  const downloadCertificates = pay.downloadCertificates ?? Object.keys(pay.platformPublicKeys ?? {}).length === 0;
  if (platformKeys.size === 0 && !downloadCertificates) problems.push("pay.platformPublicKeys has no usable key");
  if (merchantKey === undefined) return undefined;
  const { merchantId, merchantSerial } = pay;
  return {
    appId,
    merchantId,
    merchantSerial,
    merchantKey,
    apiV3Key,
    platformKeys,
    publicKeyId: [...platformKeys.keys()].find((serial) => serial.startsWith("PUB_KEY_ID_")),
    downloadCertificates,
    urls,
    retryWaitsMs,
    maxBillBytes,
    maxBillLineBytes,
  };
}
