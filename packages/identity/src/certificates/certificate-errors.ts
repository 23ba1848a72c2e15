import { Code, defineErrors, type Errors } from "@sampan/core";

type Reason =
  | "SPIFFE_ID_INVALID"
  | "CERTIFICATE_INVALID"
  | "CERTIFICATE_REFUSED"
  | "BUNDLE_INVALID"
  | "AUTHORITY_SETTINGS"
  | "AUTHORITY_FOLDER"
  | "ISSUE_REFUSED"
  | "WORKLOAD_REQUEST"
  | "WORKLOAD_RESPONSE"
  | "NO_IDENTITY";

/** Of certificates: reading, issuing and checking them, and of the Workload API. */
export const CertificateErrors: Errors<Reason> = defineErrors("certificates", {
  SPIFFE_ID_INVALID: {
    code: Code.InvalidArgument,
    message: "{id} is no SPIFFE id: {why}",
    fix: "write spiffe://<trust domain>/ns/<namespace>/sa/<service>, in the characters that the standard allows",
  },
  CERTIFICATE_INVALID: {
    code: Code.InvalidArgument,
    message: "the {what} cannot be read: {why}",
    fix: "give DER, or PEM around it, as RFC 5280 describes it",
  },
  CERTIFICATE_REFUSED: {
    code: Code.Unauthenticated,
    message: "the certificate of {id} is refused: {why}",
    fix: "look at it with `sampan cert show`; both sides need certificates of this time and bundles of the same authority",
  },
  BUNDLE_INVALID: {
    code: Code.InvalidArgument,
    message: "the trust bundle cannot be read at {field}: {why}",
    fix: "give a JSON Web Key Set as the SPIFFE standard describes it, or certificates in PEM",
  },
  AUTHORITY_SETTINGS: {
    code: Code.InvalidArgument,
    message: "the authority cannot work with {field}: {why}",
    fix: "lives become shorter from the root to the service: 365 days, 24 hours and 1 hour are the defaults",
  },
  AUTHORITY_FOLDER: {
    code: Code.FailedPrecondition,
    message: "the authority in {folder} cannot be used: {why}",
    fix: "make one with `sampan cert init`, or restore the folder; it must be readable for its owner only",
  },
  ISSUE_REFUSED: {
    code: Code.PermissionDenied,
    message: "no certificate for {id}: {why}",
    fix: "ask for an id of the authority's own trust domain; `sampan cert allow` lifts a revocation",
  },
  WORKLOAD_REQUEST: {
    code: Code.InvalidArgument,
    message: "this is no call of the Workload API: {why}",
    fix: "send the metadata workload.spiffe.io: true",
  },
  WORKLOAD_RESPONSE: {
    code: Code.Unavailable,
    message: "the Workload API has answered with something that cannot be used: {why}",
    fix: "look at the log of what listens at SPIFFE_ENDPOINT_SOCKET",
  },
  NO_IDENTITY: {
    code: Code.PermissionDenied,
    message: "this socket has no identity to give: {why}",
    fix: "register the workload, or lift its revocation",
  },
});
