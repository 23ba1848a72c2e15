import { Code, defineErrors } from "@sampan/core";

export const SmsErrors = defineErrors("sms", {
  SMS_UNREACHABLE: {
    code: Code.Unavailable,
    message: "the provider of short messages cannot be reached; nothing was sent",
    fix: "retry with backoff; check notification.smsUrl and the network",
  },
  SMS_NO_ANSWER: {
    code: Code.Unavailable,
    message: "the provider of short messages did not answer; the message may have been sent",
    fix: "do not repeat it: look into the provider's own log",
  },
  SMS_BUSY: {
    code: Code.Unavailable,
    message: "the provider of short messages cannot answer now (its code {provider_code})",
    fix: "retry with backoff",
  },
  SMS_QUOTA: {
    code: Code.ResourceExhausted,
    message: "the number has had as many short messages as the provider allows (its code {provider_code})",
    fix: "wait; look for a loop that tells the same user too often",
  },
  SMS_NUMBER_REFUSED: {
    code: Code.InvalidArgument,
    message: "the provider does not send to this number (its code {provider_code})",
    fix: "nothing here: the number is wrong, or its owner wants no messages",
  },
  SMS_MESSAGE_REFUSED: {
    code: Code.InvalidArgument,
    message: "the provider does not accept the message (its code {provider_code})",
    fix: "check sign name, template and parameters against what is registered with the provider",
  },
  SMS_CREDENTIALS_REFUSED: {
    code: Code.Internal,
    message: "the provider of short messages does not accept our key (its code {provider_code})",
    fix: "check notification.smsKeyId, notification.smsKeySecret and this machine's clock",
  },
});
