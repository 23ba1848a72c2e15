import { Code, defineErrors, type Errors, RpcError } from "@sampan/core";

type Reason =
  | "CONFIGURATION_INVALID"
  | "LOGIN_CODE_INVALID"
  | "TENANT_UNKNOWN"
  | "SESSION_INVALID"
  | "PHONE_CODE_INVALID"
  | "OPEN_DATA_INVALID"
  | "USER_BLOCKED"
  | "RATE_LIMITED"
  | "PLATFORM_BUSY"
  | "PLATFORM_UNREACHABLE"
  | "PLATFORM_NO_ANSWER"
  | "PLATFORM_ANSWER_INVALID"
  | "PLATFORM_ANSWER_FORGED"
  | "PLATFORM_REFUSED_CREDENTIALS"
  | "PLATFORM_ERROR"
  | "PUSH_INCOMPLETE"
  | "PUSH_STALE"
  | "PUSH_BAD_SIGNATURE"
  | "PUSH_UNREADABLE"
  | "PUSH_WRONG_APP"
  | "PUSH_IN_PROGRESS"
  | "MESSAGE_REFUSED"
  | "MESSAGE_INVALID"
  | "RECIPIENT_UNKNOWN"
  | "TEMPLATE_UNKNOWN"
  | "AMOUNT_UNSUPPORTED"
  | "CURRENCY_UNSUPPORTED"
  | "NOT_OFFERED"
  | "PAY_REQUEST_INVALID"
  | "PAY_ORDER_CONFLICT"
  | "PAY_ORDER_PAID"
  | "PAY_ORDER_CLOSED"
  | "PAY_NOT_FOUND"
  | "REFUND_REJECTED"
  | "CALLBACK_INCOMPLETE"
  | "CALLBACK_STALE"
  | "CALLBACK_UNKNOWN_SERIAL"
  | "CALLBACK_BAD_SIGNATURE"
  | "CALLBACK_UNREADABLE"
  | "CALLBACK_UNSUPPORTED"
  | "CALLBACK_WRONG_MERCHANT"
  | "CALLBACK_REPLAYED"
  | "BILL_REQUEST_INVALID"
  | "BILL_NOT_READY"
  | "BILL_NOT_FOUND"
  | "BILL_INVALID";

/** Errors of mini-program platforms, the same for every vendor; `{platform_code}` is the vendor's own code. */
export const MiniProgramErrors: Errors<Reason> = defineErrors("miniprogram", {
  CONFIGURATION_INVALID: {
    code: Code.FailedPrecondition,
    message: "the configuration of the mini-program platform is wrong: {problems}",
    fix: "correct the settings that the message names",
  },
  LOGIN_CODE_INVALID: {
    code: Code.Unauthenticated,
    message: "the login code is not valid, was used already or has expired (platform code {platform_code})",
    fix: "let the client call wx.login again; a code works once, for five minutes",
  },
  TENANT_UNKNOWN: {
    code: Code.FailedPrecondition,
    message: "no app of the platform is configured for the tenant {tenant}",
    fix: "add the tenant's app id and secret to the settings",
  },
  SESSION_INVALID: {
    code: Code.Unauthenticated,
    message: "the session secret is not the user's present one (platform code {platform_code})",
    fix: "let the client log in again; a later login ends the earlier session",
  },
  PHONE_CODE_INVALID: {
    code: Code.InvalidArgument,
    message: "the phone code is not valid, was used already or has expired (platform code {platform_code})",
    fix: "let the user press the phone button again; a code works once, for five minutes, and is no login code",
  },
  OPEN_DATA_INVALID: {
    code: Code.InvalidArgument,
    message: "the open data cannot be trusted: {why}",
    fix: "let the client log in again and send data of the new session; a later login ends the earlier session",
  },
  USER_BLOCKED: {
    code: Code.PermissionDenied,
    message: "the platform blocks this user (platform code {platform_code})",
    fix: "nothing here: the platform holds the user to be a risk",
  },
  RATE_LIMITED: {
    code: Code.ResourceExhausted,
    message: "the platform's quota for this request is used up (platform code {platform_code})",
    fix: "retry later with backoff; look for a loop that calls too often",
  },
  PLATFORM_BUSY: {
    code: Code.Unavailable,
    message: "the platform cannot answer now (platform code {platform_code})",
    fix: "retry with backoff and the same arguments",
  },
  PLATFORM_UNREACHABLE: {
    code: Code.Unavailable,
    message: "the platform cannot be reached; nothing was sent",
    fix: "retry with backoff; check the address, the network and name resolution",
  },
  PLATFORM_NO_ANSWER: {
    code: Code.Unavailable,
    message: "the platform did not answer; the request may have taken effect",
    fix: "repeat what may be repeated with the same arguments; otherwise find out first",
  },
  PLATFORM_ANSWER_INVALID: {
    code: Code.Internal,
    message: "the platform's answer cannot be understood: {why}",
    fix: "check that the address is the platform's and not a proxy's; the request may have taken effect",
  },
  PLATFORM_ANSWER_FORGED: {
    code: Code.Internal,
    message: "the platform's answer is not signed by a key we know: {why}",
    fix: "check the platform public keys in the settings, and who answers at that address",
  },
  PLATFORM_REFUSED_CREDENTIALS: {
    code: Code.Internal,
    message: "the platform does not accept our credentials (platform code {platform_code})",
    fix: "check app id, secret, merchant number, serial and key in the settings, and this machine's clock",
  },
  PLATFORM_ERROR: {
    code: Code.Unknown,
    message: "the platform answered with an error (platform code {platform_code})",
    fix: "look the code up in the platform's documentation; the log has its message",
  },
  PUSH_INCOMPLETE: {
    code: Code.InvalidArgument,
    message: "the pushed message has no valid {field} in its query",
    fix: "pass the platform's query on unchanged",
  },
  PUSH_STALE: {
    code: Code.Unauthenticated,
    message: "the pushed message's timestamp is too far from now",
    fix: "check this machine's clock; an old one may be a replay",
  },
  PUSH_BAD_SIGNATURE: {
    code: Code.Unauthenticated,
    message: "the pushed message's signature is wrong",
    fix: "check the push token in the settings, and that the query and body are passed on unchanged",
  },
  PUSH_UNREADABLE: {
    code: Code.InvalidArgument,
    message: "the pushed message cannot be read: {why}",
    fix: "choose JSON and secure mode in the platform's console, with the EncodingAESKey of the settings",
  },
  PUSH_WRONG_APP: {
    code: Code.PermissionDenied,
    message: "the pushed message is for another app",
    fix: "check which app has this push address",
  },
  PUSH_IN_PROGRESS: {
    code: Code.Unavailable,
    message: "the pushed message is being handled",
    fix: "nothing here: the platform sends it again, and is then told",
  },
  MESSAGE_REFUSED: {
    code: Code.FailedPrecondition,
    message: "the user has not subscribed to this message (platform code {platform_code})",
    fix: "ask the user with wx.requestSubscribeMessage; each consent allows one message",
  },
  MESSAGE_INVALID: {
    code: Code.InvalidArgument,
    message: "the message does not fit its template: {why} (platform code {platform_code})",
    fix: "give exactly the template's keywords, each within its length and form",
  },
  RECIPIENT_UNKNOWN: {
    code: Code.InvalidArgument,
    message: "the platform knows no such user of this app (platform code {platform_code})",
    fix: "use the openid that login gave for this app",
  },
  TEMPLATE_UNKNOWN: {
    code: Code.InvalidArgument,
    message: "the platform knows no such template (platform code {platform_code})",
    fix: "check the template id in the settings",
  },
  AMOUNT_UNSUPPORTED: {
    code: Code.InvalidArgument,
    message: "the amount {amount} cannot be paid through this platform",
    fix: "pay at least one, and at most 9007199254740991, of the smallest unit",
  },
  CURRENCY_UNSUPPORTED: {
    code: Code.InvalidArgument,
    message: "the currency {currency} cannot be paid through this platform",
    fix: "pay in CNY, or through a platform that takes the currency",
  },
  NOT_OFFERED: {
    code: Code.Unimplemented,
    message: "{platform} offers no {what}",
    fix: "look at the provider's capabilities first",
  },
  PAY_REQUEST_INVALID: {
    code: Code.InvalidArgument,
    message: "the platform does not accept the payment request (platform code {platform_code})",
    fix: "the log has the platform's reason; check field lengths, payer, notify address and expiry",
  },
  PAY_ORDER_CONFLICT: {
    code: Code.AlreadyExists,
    message: "the trade number was used for another order (platform code {platform_code})",
    fix: "use a new trade number",
  },
  PAY_ORDER_PAID: {
    code: Code.FailedPrecondition,
    message: "the order is paid (platform code {platform_code})",
    fix: "query the order, and refund it if it is not wanted",
  },
  PAY_ORDER_CLOSED: {
    code: Code.FailedPrecondition,
    message: "the order is closed (platform code {platform_code})",
    fix: "create a new order under a new trade number",
  },
  PAY_NOT_FOUND: {
    code: Code.NotFound,
    message: "the platform knows no such order or refund (platform code {platform_code})",
    fix: "check the number, and that it belongs to this merchant",
  },
  REFUND_REJECTED: {
    code: Code.FailedPrecondition,
    message: "the platform rejects the refund (platform code {platform_code})",
    fix: "the log has the platform's reason: not paid, more than was paid, too many refunds, or too late",
  },
  CALLBACK_INCOMPLETE: {
    code: Code.InvalidArgument,
    message: "the callback has no valid {header} header",
    fix: "pass the platform's signature headers on unchanged",
  },
  CALLBACK_STALE: {
    code: Code.Unauthenticated,
    message: "the callback's timestamp is 300 seconds or more away from now",
    fix: "check this machine's clock; an old callback may be a replay",
  },
  CALLBACK_UNKNOWN_SERIAL: {
    code: Code.Unauthenticated,
    message: "the callback is signed with a platform key that is not configured",
    fix: "add the platform's new public key or certificate serial to the settings",
  },
  CALLBACK_BAD_SIGNATURE: {
    code: Code.Unauthenticated,
    message: "the callback's signature is wrong",
    fix: "pass the body on byte for byte; otherwise it is forged, or a probe of the platform",
  },
  CALLBACK_UNREADABLE: {
    code: Code.InvalidArgument,
    message: "the callback cannot be read: {why}",
    fix: "check the APIv3 key in the settings",
  },
  CALLBACK_UNSUPPORTED: {
    code: Code.Unimplemented,
    message: "callbacks of this type are not handled: {event_type}",
    fix: "do not give a notify address to the request that caused it",
  },
  CALLBACK_WRONG_MERCHANT: {
    code: Code.PermissionDenied,
    message: "the callback is about another merchant or app",
    fix: "check which merchant has this notify address",
  },
  CALLBACK_REPLAYED: {
    code: Code.Unauthenticated,
    message: "these very bytes were delivered before",
    fix: "nothing here: somebody repeats a captured callback; the platform signs each delivery anew",
  },
  BILL_REQUEST_INVALID: {
    code: Code.InvalidArgument,
    message: "the bill cannot be asked for: {field} {why}",
    fix: "ask for a day that is over, at most three months ago, as 2026-11-20",
  },
  BILL_NOT_READY: {
    code: Code.Unavailable,
    message: "the platform has not made this bill yet (platform code {platform_code})",
    fix: "ask again after 10:00 China time of the next day",
  },
  BILL_NOT_FOUND: {
    code: Code.NotFound,
    message: "the platform has no bill of this day (platform code {platform_code})",
    fix: "nothing when nothing was paid or refunded; otherwise check the merchant number",
  },
  BILL_INVALID: {
    code: Code.DataLoss,
    message: "the platform's bill cannot be used: {why}",
    fix: "download it again; nothing of it may be booked",
  },
});

const retryableReasons = new Set<string>([
  "RATE_LIMITED",
  "PLATFORM_BUSY",
  "PLATFORM_UNREACHABLE",
  "PLATFORM_NO_ANSWER",
  "BILL_NOT_READY",
] satisfies Reason[]);

/**
 * Whether the same request may succeed later. After `PLATFORM_NO_ANSWER` this holds only for requests that may be
 * repeated: everything of `PayProvider`, but not `login`, `phoneNumber`, `resetSession` or `messages.send`.
 */
export function isRetryable(thrown: unknown): boolean {
  if (!(thrown instanceof RpcError)) return false;
  const info = thrown.info;
  return info?.domain === "miniprogram" && retryableReasons.has(info.reason);
}
