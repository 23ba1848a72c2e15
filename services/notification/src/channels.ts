import { type Call, Code, RpcError } from "@sampan/core";
import { type MessageProvider, MiniProgramErrors } from "@sampan/miniprogram";
import type { Facts } from "./domain/notice.js";
import type { Because, Outcome } from "./domain/outcome.js";
import { fill, type SmsText, type TemplateText } from "./domain/template-text.js";
import { SmsErrors } from "./sms/sms-errors.js";
import type { SmsMessage, SmsProvider } from "./sms/sms-provider.js";

/** A message by the mini-program platform. Never rejects: what went wrong is the outcome. */
export function byPlatform(
  messages: MessageProvider,
  openid: string,
  { templateId, keywords, page }: TemplateText,
  facts: Facts,
  call: Call,
): Promise<Outcome> {
  const data = fill(keywords, facts);
  const message = { openid, templateId, data, ...(page === "" ? {} : { page }) };
  return outcomeOf(messages.send(message, call), platformOutcome);
}

/** A short message, likewise. */
export function bySms(
  sms: SmsProvider,
  { number, countryCode }: Pick<SmsMessage, "number" | "countryCode">,
  { signName, templateId, parameters }: SmsText,
  facts: Facts,
  call: Call,
): Promise<Outcome> {
  const message = { number, countryCode, signName, templateId, parameters: fill(parameters, facts) };
  return outcomeOf(sms.send(message, call), smsOutcome);
}

async function outcomeOf(sending: Promise<void>, failed: (error: RpcError) => Outcome): Promise<Outcome> {
  try {
    await sending;
    return { kind: "sent" };
  } catch (thrown) {
    return failed(RpcError.from(thrown));
  }
}

/** After these nobody knows: the answer is lost, or the program was wrong in a way that says nothing of the message. */
const lost: ReadonlySet<Code> = new Set([Code.DeadlineExceeded, Code.Canceled, Code.Internal]);

/** A quota that is used up is one of a minute at best. */
const quotaMs = 60_000;

function platformOutcome(error: RpcError): Outcome {
  const code = error.info?.metadata.platform_code ?? "";
  const about = { reason: error.reason, code };
  const status = error.code;
  // Our own credentials: nobody looked at the message, and somebody will have to correct them.
  if (MiniProgramErrors.PLATFORM_UNREACHABLE.is(error) || MiniProgramErrors.PLATFORM_REFUSED_CREDENTIALS.is(error))
    return { kind: "later", ...about, leastMs: 0 };
  if (MiniProgramErrors.RATE_LIMITED.is(error)) return { kind: "later", ...about, leastMs: quotaMs };
  // The platform's own "busy" means that it did nothing; a proxy in front of it does not know.
  if (MiniProgramErrors.PLATFORM_BUSY.is(error))
    return code.startsWith("HTTP ") ? { kind: "unknown", ...about } : { kind: "later", ...about, leastMs: 0 };
  if (MiniProgramErrors.PLATFORM_NO_ANSWER.is(error) || lost.has(status)) return { kind: "unknown", ...about };
  return { kind: "refused", because: because(error), ...about };
}

function because(error: RpcError): Because {
  if (MiniProgramErrors.MESSAGE_REFUSED.is(error)) return "not-subscribed";
  return MiniProgramErrors.RECIPIENT_UNKNOWN.is(error) ? "recipient" : "message";
}

function smsOutcome(error: RpcError): Outcome {
  const about = { reason: error.reason, code: error.info?.metadata.provider_code ?? "" };
  const status = error.code;
  if (SmsErrors.SMS_QUOTA.is(error)) return { kind: "later", ...about, leastMs: quotaMs };
  for (const each of [SmsErrors.SMS_UNREACHABLE, SmsErrors.SMS_BUSY, SmsErrors.SMS_CREDENTIALS_REFUSED])
    if (each.is(error)) return { kind: "later", ...about, leastMs: 0 };
  if (SmsErrors.SMS_NO_ANSWER.is(error) || lost.has(status)) return { kind: "unknown", ...about };
  return { kind: "refused", because: SmsErrors.SMS_NUMBER_REFUSED.is(error) ? "recipient" : "message", ...about };
}
