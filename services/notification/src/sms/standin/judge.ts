import { timingSafeEqual } from "node:crypto";
import { smsHeaders, smsSignature } from "../request-signature.js";
import { brokenLimit, type NumberLimits } from "./number-limits.js";

/** What the stand-in knows of its customer. */
export interface SmsAccount {
  readonly keyId: string;
  readonly keySecret: string;
  readonly signNames: readonly string[];
  /** The parameters of each template. */
  readonly templates: Readonly<Record<string, readonly string[]>>;
  readonly limits: NumberLimits;
}

export interface SentSms {
  readonly to: string;
  readonly signName: string;
  readonly templateId: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly at: number;
}

/** What has happened so far, as far as a decision needs it. */
export interface SmsHistory {
  readonly sent: readonly SentSms[];
  readonly nonces: ReadonlySet<string>;
  readonly blocked: ReadonlySet<string>;
}

export interface SmsRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

const windowMs = 300_000;

/** The code of a refusal, or the message that was sent and the nonce that is used up. No I/O: history and time come in. */
export function judge(
  request: SmsRequest,
  account: SmsAccount,
  history: SmsHistory,
  now: number,
): { readonly code: string; readonly sms?: SentSms; readonly nonce?: string } {
  const header = (name: string): string => String(request.headers[name] ?? "");
  const [timestamp, nonce] = [header(smsHeaders.timestamp), header(smsHeaders.nonce)];
  if (header(smsHeaders.keyId) !== account.keyId) return { code: "KEY_UNKNOWN" };
  const { path, body } = request;
  const expected = Buffer.from(smsSignature(account.keySecret, { path, body, timestamp, nonce }));
  const given = Buffer.from(header(smsHeaders.signature));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return { code: "SIGNATURE_INVALID" };
  if (!/^[0-9]{13}$/.test(timestamp) || Math.abs(now - Number(timestamp)) > windowMs)
    return { code: "TIMESTAMP_EXPIRED" };
  if (!/^[0-9a-f]{32}$/.test(nonce) || history.nonces.has(nonce)) return { code: "SIGNATURE_INVALID" };
  const message = read(body);
  if (message === undefined) return { code: "REQUEST_INVALID", nonce };
  const { to, signName, templateId, parameters } = message;
  if (!account.signNames.includes(signName)) return { code: "SIGN_NAME_UNKNOWN", nonce };
  const names = Object.hasOwn(account.templates, templateId) ? account.templates[templateId] : undefined;
  if (names === undefined) return { code: "TEMPLATE_UNKNOWN", nonce };
  if (!fits(parameters, names)) return { code: "PARAMETERS_INVALID", nonce };
  if (!/^\+86[0-9]{11}$|^\+(?!86)[1-9][0-9]{6,14}$/.test(to)) return { code: "NUMBER_INVALID", nonce };
  if (history.blocked.has(to)) return { code: "NUMBER_BLOCKED", nonce };
  const before = history.sent.filter((each) => each.to === to).map(({ at }) => at);
  const broken = brokenLimit(before, now, account.limits);
  if (broken !== undefined) return { code: `NUMBER_LIMIT_${broken.toUpperCase()}`, nonce };
  return { code: "OK", sms: { ...message, at: now }, nonce };
}

/** Exactly the template's, each of at most 35 characters. */
function fits(parameters: Readonly<Record<string, string>>, names: readonly string[]): boolean {
  const given = Object.entries(parameters);
  return (
    given.length === names.length &&
    given.every(([name, value]) => names.includes(name) && value.length > 0 && value.length <= 35)
  );
}

function read(body: string): Omit<SentSms, "at"> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { to, signName, templateId, parameters } = value as Record<string, unknown>;
  if (typeof to !== "string" || typeof signName !== "string" || typeof templateId !== "string") return undefined;
  if (typeof parameters !== "object" || parameters === null) return undefined;
  if (!Object.values(parameters).every((each) => typeof each === "string")) return undefined;
  return { to, signName, templateId, parameters: parameters as Record<string, string> };
}
