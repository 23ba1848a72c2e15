import type { Call } from "@sampan/core";

/**
 * Who sends short messages. Failures are `SmsErrors`; the provider's own code travels in `ErrorInfo.metadata.provider_code`.
 * No error, log line or cause holds the number, a parameter or the key.
 */
export interface SmsProvider {
  /** The names that messages can be sent under, registered with the provider. */
  readonly signNames: readonly string[];
  /**
   * Sends one message. Not idempotent: after `SMS_NO_ANSWER`, or an abort, it may have been sent.
   *
   * Errors otherwise: `SMS_UNREACHABLE`, `SMS_BUSY`, `SMS_QUOTA` (this number has had enough for now), `SMS_NUMBER_REFUSED`,
   * `SMS_MESSAGE_REFUSED` (sign name, template or parameters), `SMS_CREDENTIALS_REFUSED`.
   */
  send(message: SmsMessage, call: Call): Promise<void>;
  close(): void;
}

export interface SmsMessage {
  /** Digits only, both. */
  readonly countryCode: string;
  readonly number: string;
  readonly signName: string;
  readonly templateId: string;
  readonly parameters: Readonly<Record<string, string>>;
}
