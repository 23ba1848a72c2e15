import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason = "SIGNATURE_MISSING" | "SIGNATURE_INVALID" | "SIGNATURE_STALE" | "SIGNATURE_REPLAYED";

export const SignatureErrors: Errors<Reason> = defineErrors("signature", {
  SIGNATURE_MISSING: {
    code: Code.Unauthenticated,
    message: "the request must be signed",
    fix: "sign it with the key that the login answered, in the header x-sampan-signature",
  },
  SIGNATURE_INVALID: {
    code: Code.Unauthenticated,
    message: "the request's signature is not valid: {why}",
    fix: "sign exactly what is sent: method, target with query, and the bytes of the body",
  },
  SIGNATURE_STALE: {
    code: Code.Unauthenticated,
    message: "the request was signed at another time: the clocks differ by more than {seconds} s",
    fix: "set the clock of the client, or count from the Date header of an answer",
  },
  SIGNATURE_REPLAYED: {
    code: Code.Unauthenticated,
    message: "the request's nonce was used before",
    fix: "draw a new nonce for each request, also when it is tried again",
  },
});
