import { Code, defineErrors, type Errors, type RpcError } from "@sampan/core";

type Reason =
  | "ROUTE_NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "TOKEN_MISSING"
  | "ROLE_MISSING"
  | "SCOPE_MISSING"
  | "INVALID_HEADER"
  | "MALFORMED_BODY"
  | "BODY_TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "MALFORMED_HTTP"
  | "HEADERS_TOO_LARGE"
  | "REQUEST_TIMEOUT"
  | "OVERLOADED"
  | "ANSWER_NOT_ENCODABLE"
  | "CONTRACT_REFUSED"
  | "INVALID_OPTIONS"
  | "ADDRESS_IN_USE";

/** Errors of the HTTP edge itself. Fields that are wrong are `CoreErrors.INVALID_REQUEST`, as everywhere else. */
export const GatewayErrors: Errors<Reason> = defineErrors("gateway", {
  ROUTE_NOT_FOUND: {
    code: Code.NotFound,
    message: "there is nothing at {path}",
    fix: "check the path against the google.api.http annotations of the contract",
  },
  METHOD_NOT_ALLOWED: {
    code: Code.Unimplemented,
    message: "{method} is not possible on {path}: use {allow}",
    fix: "use one of the methods that the Allow header lists",
  },
  TOKEN_MISSING: {
    code: Code.Unauthenticated,
    message: "{method} needs an access token: {why}",
    fix: "log in and send the header Authorization: Bearer <token>",
  },
  ROLE_MISSING: {
    code: Code.PermissionDenied,
    message: "{method} needs the role {role}",
    fix: "use a token of somebody who has the role",
  },
  SCOPE_MISSING: {
    code: Code.PermissionDenied,
    message: "{method} needs the scope {scope}",
    fix: "use a token that has the scope",
  },
  INVALID_HEADER: {
    code: Code.InvalidArgument,
    message: "the header {header} is not valid: {why}",
    fix: "correct the header, or leave it out",
  },
  MALFORMED_BODY: {
    code: Code.InvalidArgument,
    message: "the body is not acceptable JSON: {why}",
    fix: "send one JSON value in UTF-8, nested no deeper than the limit, with every key once in its object",
  },
  BODY_TOO_LARGE: {
    code: Code.InvalidArgument,
    message: "the body is larger than {limit} bytes",
    fix: "send less in one request, or raise limits.maxBodyBytes",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    code: Code.InvalidArgument,
    message: "the body is {sent}: send application/json in UTF-8, without content encoding",
    fix: "set the header Content-Type: application/json",
  },
  MALFORMED_HTTP: {
    code: Code.InvalidArgument,
    message: "this is not HTTP/1.1: {why}",
    fix: "look for a client or proxy that speaks another protocol to this port",
  },
  HEADERS_TOO_LARGE: {
    code: Code.InvalidArgument,
    message: "the request line and headers are larger than {limit} bytes",
    fix: "send fewer or shorter headers or query parameters, or raise limits.maxHeaderBytes",
  },
  REQUEST_TIMEOUT: {
    code: Code.DeadlineExceeded,
    message: "the request did not arrive completely within its time",
    fix: "send the request faster, or raise limits.headersTimeoutMs or limits.requestTimeoutMs",
  },
  OVERLOADED: {
    code: Code.Unavailable,
    message: "too many requests are in work: try again",
    fix: "retry with backoff; if it lasts, add instances or raise limits.maxInFlight",
  },
  ANSWER_NOT_ENCODABLE: {
    code: Code.Internal,
    message: "the answer of {method} cannot be written as JSON: {why}",
    fix: "look for a google.protobuf.Any of a type outside the contract, or a timestamp out of range, in the answer",
  },
  CONTRACT_REFUSED: {
    code: Code.FailedPrecondition,
    message: "the contracts cannot be served over HTTP:\n{problems}",
    fix: "correct the google.api.http and sampan.v1.method options that the message names",
  },
  INVALID_OPTIONS: {
    code: Code.InvalidArgument,
    message: "the gateway's options are not valid:\n{problems}",
    fix: "correct the options that the message names",
  },
  ADDRESS_IN_USE: {
    code: Code.AlreadyExists,
    message: "{host}:{port} is in use by another process",
    fix: "stop the other process, or listen on another port",
  },
});

/** Where HTTP has a better word than the canonical table. */
const statuses: readonly (readonly [Reason, number])[] = [
  ["METHOD_NOT_ALLOWED", 405],
  ["REQUEST_TIMEOUT", 408],
  ["BODY_TOO_LARGE", 413],
  ["UNSUPPORTED_MEDIA_TYPE", 415],
  ["HEADERS_TOO_LARGE", 431],
];
const statusOfReason = new Map<string, number>(statuses);

/** The HTTP status of an error of this package that does not follow its code; undefined for every other error. */
export function ownStatus(error: RpcError): number | undefined {
  const info = error.info;
  return info?.domain === "gateway" ? statusOfReason.get(info.reason) : undefined;
}
