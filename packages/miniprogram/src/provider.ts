import type { Call } from "@sampan/core";
import type { JsonObject } from "./json-fields.js";
import type { PayProvider } from "./pay.js";
import type { MessagePush } from "./push.js";

/**
 * A mini-program platform (WeChat, Douyin, Alipay, …) as a backend sees it.
 *
 * Every method that crosses the network takes the call it works for: it rejects as soon as the call is aborted or its
 * deadline passes, and never waits longer for one exchange than the configured time limit. The call's tenant decides
 * which app is meant when several are configured; `TENANT_UNKNOWN` when none is. Failures are `MiniProgramErrors`; the
 * platform's own code travels in `ErrorInfo.metadata.platform_code`, and `isRetryable` says whether the same request may
 * succeed later. No error, log line or cause ever holds a secret.
 *
 * Methods that are optional here are absent when the platform has no such thing; `pay` and `messages` also when the
 * configuration of this process has none: a service that only logs users in is not given the merchant's key.
 */
export interface MiniProgramProvider {
  /** The name that users and payments are filed under, such as `wechat`. */
  readonly name: string;
  readonly capabilities: Capabilities;
  /**
   * Exchanges what the client's login call gave (single use, short life) for who the user is.
   *
   * Errors: `LOGIN_CODE_INVALID` (unknown, used or expired), `USER_BLOCKED`, `RATE_LIMITED`, `PLATFORM_*`.
   */
  login(code: string, call: Call): Promise<Login>;
  /** Whether the platform still takes this session secret; false when a later login or a reset has replaced it. */
  checkSession?(subject: string, sessionSecret: string, call: Call): Promise<boolean>;
  /**
   * Replaces the user's session secret by a new one, which ends when the old one would have. After `PLATFORM_NO_ANSWER`
   * the old one may be gone: the client logs in again. Errors: `SESSION_INVALID` when the given one is not the user's present one.
   */
  resetSession?(subject: string, sessionSecret: string, call: Call): Promise<Login>;
  /**
   * Exchanges the code of the client's phone button (not a login code; single use, short life) for the user's number.
   *
   * Errors: `PHONE_CODE_INVALID`, `RATE_LIMITED`, `PLATFORM_*`.
   */
  phoneNumber?(code: string, call: Call): Promise<PhoneNumber>;
  /**
   * Checks, or decrypts and checks, what the client was given about its user, by the secret of its login. Sends nothing.
   *
   * Errors: `OPEN_DATA_INVALID`, whose `why` says what is wrong (signature, decryption, another app's, too old). All of
   * them also mean that the session secret may be an old one: let the client log in again.
   */
  openData?(data: SignedData | EncryptedData, sessionSecret: string, call: Call): Promise<JsonObject>;
  readonly messages: MessageProvider | undefined;
  readonly pay: PayProvider | undefined;
  /** What the platform tells by itself; absent without the settings of its push address. */
  readonly push?: MessagePush | undefined;
  /** Closes idle connections; exchanges under way fail. */
  close(): void;
}

/** What a platform can do, as configured here: each of the optional members above has its flag. */
export interface Capabilities {
  /** `Login.sessionSecret` is given (WeChat, Douyin, Baidu: yes; Alipay: no). */
  readonly sessionSecret: boolean;
  /** `Login.unionId` may be given: one id for a user over all the apps of an owner. */
  readonly unionId: boolean;
  /** `phoneNumber` is there. */
  readonly phoneNumber: boolean;
  /** `openData` is there. */
  readonly openData: boolean;
  /** `checkSession` and `resetSession` are there. */
  readonly checkSession: boolean;
  readonly messages: boolean;
  readonly pay: boolean;
}

export interface Login {
  /** The user's id within this app (`openid`, `user_id`). */
  readonly subject: string;
  readonly unionId?: string;
  /** Decrypts and signs open data (`session_key`). Stays on the server, in no answer and no log. */
  readonly sessionSecret?: string;
  /** What some platforms (Alipay) give to act for the user with. Stays on the server too. */
  readonly tokens?: LoginTokens;
}

export interface LoginTokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A person's data: shown masked, and logged not at all. */
export interface PhoneNumber {
  /** As the user sees it: with the country code when it is a foreign one. */
  readonly phoneNumber: string;
  /** Without the country code, digits. */
  readonly purePhoneNumber: string;
  /** Digits without `+`, such as `86`. */
  readonly countryCode: string;
}

/** Data that the client can read; the signature shows that it comes from the platform. */
export interface SignedData {
  /** Byte for byte as the client got it. */
  readonly rawData: string;
  readonly signature: string;
}

/** Data that the client cannot read. Both are base64. */
export interface EncryptedData {
  readonly encryptedData: string;
  readonly iv: string;
}

export interface MessageProvider {
  /**
   * Sends one subscribe message; the user must have granted one for the template, and sending uses it up.
   *
   * Not idempotent: after `PLATFORM_NO_ANSWER`, or an abort, the message may have been delivered. Errors otherwise:
   * `MESSAGE_REFUSED` (no grant left), `RECIPIENT_UNKNOWN`, `TEMPLATE_UNKNOWN`, `MESSAGE_INVALID`, `RATE_LIMITED`, `PLATFORM_*`.
   */
  send(message: SubscribeMessage, call: Call): Promise<void>;
}

export interface SubscribeMessage {
  readonly openid: string;
  readonly templateId: string;
  /** The template's keywords and what to put in their place, such as `{ thing1: "tea", amount2: "12.00" }`. */
  readonly data: Readonly<Record<string, string>>;
  /** The page of the mini program that a tap opens. */
  readonly page?: string;
  /** What the platform's own words around the message are in. Default `zh_CN`. */
  readonly language?: MessageLanguage;
}

export type MessageLanguage = "zh_CN" | "en_US" | "zh_HK" | "zh_TW";
