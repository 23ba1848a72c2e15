import type { OutgoingHttpHeaders } from "node:http";
import { Code, type RpcError } from "@sampan/core";
import { RetryInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { ownStatus } from "../errors.js";
import { type Answer, jsonAnswer } from "./answer.js";
import { type EnvelopeMode, wrapError } from "./envelope.js";
import { errorBody } from "./error-body.js";
import { httpStatus } from "./http-status.js";
import type { AnswerOptions } from "./success.js";

/** The answer of an error, with `Retry-After` from its `RetryInfo` and `WWW-Authenticate` for a missing token. */
export function failureAnswer(error: RpcError, mode: EnvelopeMode, options: AnswerOptions): Answer {
  const canonical = ownStatus(error) ?? httpStatus[error.code] ?? 500;
  const status = mode !== "none" && options.always200 ? 200 : canonical;
  const headers: OutgoingHttpHeaders = {};
  const after = retryAfter(error);
  if (after !== undefined) headers["retry-after"] = after;
  if (error.code === Code.Unauthenticated) headers["www-authenticate"] = "Bearer";
  const body = wrapError(mode, errorBody(error, options.registry), canonical);
  return jsonAnswer(status, headers, JSON.stringify(body));
}

/** Whole seconds, rounded up (RFC 9110 section 10.2.3). */
function retryAfter(error: RpcError): string | undefined {
  const delay = error.findDetail(RetryInfoSchema)?.retryDelay;
  if (delay === undefined) return undefined;
  return String(Math.max(0, Number(delay.seconds) + (delay.nanos > 0 ? 1 : 0)));
}
