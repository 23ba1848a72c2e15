import type { Call } from "@sampan/core";
import type { PayProvider } from "./pay.js";

/**
 * A mini-program platform (WeChat, Douyin, Alipay, …) as a backend sees it.
 *
 * Every method that crosses the network takes the call it works for: it rejects as soon as the call is aborted or its
 * deadline passes, and never waits longer for one exchange than the configured time limit. Failures are
 * `MiniProgramErrors`; the platform's own code travels in `ErrorInfo.metadata.platform_code`, and `isRetryable` says
 * whether the same request may succeed later. No error, log line or cause ever holds a secret.
 *
 * `pay` and `messages` are absent when the platform, or the configuration of this process, has none: a service that only
 * logs users in is not given the merchant's key.
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
  readonly messages: MessageProvider | undefined;
  readonly pay: PayProvider | undefined;
  /** Closes idle connections; exchanges under way fail. */
  close(): void;
}

/** What a platform can do that the types do not show. */
export interface Capabilities {
  /** `Login.sessionSecret` is given (WeChat, Douyin, Baidu: yes; Alipay: no). */
  readonly sessionSecret: boolean;
  /** `Login.unionId` may be given: one id for a user over all the apps of an owner. */
  readonly unionId: boolean;
}

export interface Login {
  /** The user's id within this app (`openid`, `user_id`). */
  readonly subject: string;
  readonly unionId?: string;
  /** Decrypts and signs open data (`session_key`). Stays on the server, in no answer and no log. */
  readonly sessionSecret?: string;
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
}
