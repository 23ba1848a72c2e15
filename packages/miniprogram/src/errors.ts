import { Code, defineErrors, type Errors, RpcError } from "@sampan/core";

type Reason =
  | "CONFIGURATION_INVALID"
  | "LOGIN_CODE_INVALID"
  | "USER_BLOCKED"
  | "RATE_LIMITED"
  | "PLATFORM_BUSY"
  | "PLATFORM_UNREACHABLE"
  | "PLATFORM_NO_ANSWER"
  | "PLATFORM_ANSWER_INVALID"
  | "PLATFORM_ANSWER_FORGED"
  | "PLATFORM_REFUSED_CREDENTIALS"
  | "PLATFORM_ERROR"
  | "MESSAGE_REFUSED"
  | "MESSAGE_INVALID"
  | "RECIPIENT_UNKNOWN"
  | "TEMPLATE_UNKNOWN"
  | "AMOUNT_UNSUPPORTED"
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
  | "CALLBACK_WRONG_MERCHANT";

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
  MESSAGE_REFUSED: {
    code: Code.FailedPrecondition,
    message: "the user has not subscribed to this message (platform code {platform_code})",
    fix: "ask the user with wx.requestSubscribeMessage; each consent allows one message",
  },
  MESSAGE_INVALID: {
    code: Code.InvalidArgument,
    message: "the message does not fit its template (platform code {platform_code})",
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
});

const retryableReasons = new Set<string>([
  "RATE_LIMITED",
  "PLATFORM_BUSY",
  "PLATFORM_UNREACHABLE",
  "PLATFORM_NO_ANSWER",
] satisfies Reason[]);

/**
 * Whether the same request may succeed later. After `PLATFORM_NO_ANSWER` this holds only for requests that may be
 * repeated: everything of `PayProvider`, but neither `login` nor `messages.send`.
 */
export function isRetryable(thrown: unknown): boolean {
  if (!(thrown instanceof RpcError)) return false;
  const info = thrown.info;
  return info?.domain === "miniprogram" && retryableReasons.has(info.reason);
}
