import type { PayEvent } from "./pay-events.js";

/**
 * Everything that can happen to a stand-in, as it is written to its journal, one JSON line each. The state is a fold
 * over these and nothing else, so a restart is the same fold again. Times are ms since the epoch; amounts are JSON
 * integers in the smallest unit, as on the platform's wire.
 */
export type StandinEvent =
  | { readonly type: "user"; readonly openid: string; readonly unionId: string }
  | { readonly type: "blocked"; readonly openid: string; readonly blocked: boolean }
  | ({ readonly type: "login-code" } & IssuedCode)
  | ({ readonly type: "login"; readonly code: string } & NewSession)
  | ({ readonly type: "session" } & NewSession)
  | ({ readonly type: "phone-code" } & IssuedPhoneCode)
  | { readonly type: "phone-code-used"; readonly code: string }
  | ({ readonly type: "push-address" } & PushAddress)
  | { readonly type: "token"; readonly token: string; readonly expiresAt: number }
  | { readonly type: "tokens-limited"; readonly expiresAt: number }
  | { readonly type: "template"; readonly templateId: string; readonly keywords: readonly string[] }
  | { readonly type: "grant"; readonly openid: string; readonly templateId: string; readonly count: number }
  | ({ readonly type: "message" } & SentMessage)
  | PayEvent
  /** What happened to another vendor (`alipay`, `douyin`), in the same words. */
  | { readonly type: "vendor"; readonly vendor: string; readonly event: StandinEvent };

export interface IssuedCode {
  readonly code: string;
  readonly openid: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

export interface NewSession {
  readonly openid: string;
  readonly sessionKey: string;
  /** Absent in older journals: without an end. */
  readonly expiresAt?: number;
}

export interface IssuedPhoneCode extends IssuedCode {
  /** Without its country code, which is 86 here. */
  readonly phoneNumber: string;
}

/** Where, and how, the platform pushes messages: what its console would be told. */
export interface PushAddress {
  /** Empty: nowhere. */
  readonly url: string;
  readonly token: string;
  /** Empty: plain mode. */
  readonly encodingAesKey: string;
}

export interface SentMessage {
  readonly openid: string;
  readonly templateId: string;
  readonly data: Readonly<Record<string, string>>;
  readonly page: string;
  readonly at: number;
  /** Absent in older journals. */
  readonly language?: string;
  readonly miniProgramState?: string;
}
