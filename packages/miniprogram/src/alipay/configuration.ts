import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { MiniProgramErrors } from "../errors.js";
import { rsaKey } from "../rsa-key.js";

/** All that ties the provider to one mini program of Alipay, in public key mode (not the certificate mode). */
export interface AlipayConfiguration {
  /** 16 digits. */
  readonly appId: string;
  /** The app's key, which signs requests: PEM, RSA 2048. */
  readonly privateKey: string;
  /** Alipay's public key for this app (not the app's own), PEM. */
  readonly alipayPublicKey: string;
  /** Default `https://openapi.alipay.com/gateway.do`. */
  readonly gatewayUrl?: string;
  /** The app's key for encrypted content, base64 of 16 bytes. Absent: no phone numbers. */
  readonly contentKey?: string;
  /**
   * Which of the platform's two ids of a user is the subject. Apps made since 2023 are given `open_id` only; older ones
   * have the account's `user_id`. Changing it later makes every user a new one. Default `open_id`.
   */
  readonly subject?: "open_id" | "user_id";
  /** Absent: the provider has no `pay`. */
  readonly pay?: AlipayPayConfiguration;
  /** Limit of one exchange in ms, below the call's own deadline. Default 5000. */
  readonly requestTimeoutMs?: number;
  /** Before a second try of a busy platform, ms. Default 100. */
  readonly retryDelayMs?: number;
  /** Connections to the gateway; more exchanges wait for a free one. Default 32. */
  readonly maxSockets?: number;
}

export interface AlipayPayConfiguration {
  /** The seller's account (`2088…`), compared with callbacks when given. Default: the app id alone is compared. */
  readonly sellerId?: string;
}

/** The configuration with its keys parsed once. */
export interface AlipayKeys {
  readonly appKey: KeyObject;
  readonly alipayKey: KeyObject;
  readonly contentKey: Buffer | undefined;
}

export const defaultGatewayUrl = "https://openapi.alipay.com/gateway.do";

/** Every problem at once, none of which repeats a secret. Throws `CONFIGURATION_INVALID`. */
export function checkAlipay(configuration: AlipayConfiguration): AlipayKeys {
  const problems: string[] = [];
  if (configuration.appId === "") problems.push("appId is empty");
  const url = configuration.gatewayUrl ?? defaultGatewayUrl;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol) || new URL(url).search !== "") {
    problems.push("gatewayUrl is not an http or https address without a query");
  }
  const appKey = rsaKey("privateKey", () => createPrivateKey(configuration.privateKey), problems);
  const alipayKey = rsaKey("alipayPublicKey", () => createPublicKey(configuration.alipayPublicKey), problems);
  const contentKey =
    configuration.contentKey === undefined ? undefined : Buffer.from(configuration.contentKey, "base64");
  if (contentKey !== undefined && contentKey.length !== 16) problems.push("contentKey is not base64 of 16 bytes");
  if (problems.length > 0 || appKey === undefined || alipayKey === undefined) {
    throw MiniProgramErrors.CONFIGURATION_INVALID({ problems: problems.join("; ") });
  }
  return { appKey, alipayKey, contentKey };
}
