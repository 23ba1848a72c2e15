import { GatewayErrors } from "../errors.js";
import type { ErrorBody } from "./error-body.js";

/**
 * How JSON answers are wrapped:
 *
 * | mode | success | error |
 * |---|---|---|
 * | `none` | the message | `{code, status, message, details}`, `code` is the canonical number |
 * | `code0` | `{code: 0, msg: "ok", data}` | `{code, msg, data: null, status, details}`, `code` is the canonical number |
 * | `code200` | `{code: 200, message: "ok", data}` | `{code, message, data: null, status, details}`, `code` is the HTTP status |
 */
export type EnvelopeMode = "none" | "code0" | "code200";

export interface EnvelopeOptions {
  /** What clients get that do not ask. Default `none`. */
  readonly mode: EnvelopeMode;
  /** The request header by which a client chooses its mode; `false` for none. Default `x-envelope`. */
  readonly header: string | false;
  /** The HTTP status of wrapped answers: that of the result, or 200 for clients that look into the body only. Default `canonical`. */
  readonly httpStatus: "canonical" | "always200";
}

export const defaultEnvelope: EnvelopeOptions = { mode: "none", header: "x-envelope", httpStatus: "canonical" };

export function isEnvelopeMode(value: unknown): value is EnvelopeMode {
  return value === "none" || value === "code0" || value === "code200";
}

/** The mode of a request. Throws `INVALID_HEADER` for one that does not exist. */
export function envelopeOf(header: string | string[] | undefined, options: EnvelopeOptions): EnvelopeMode {
  if (header === undefined) return options.mode;
  if (isEnvelopeMode(header)) return header;
  throw GatewayErrors.INVALID_HEADER({ header: String(options.header), why: "use none, code0 or code200" });
}

/** Wraps the JSON text of a success. */
export function wrapSuccess(mode: EnvelopeMode, json: string): string {
  switch (mode) {
    case "none":
      return json;
    case "code0":
      return `{"code":0,"msg":"ok","data":${json}}`;
    case "code200":
      return `{"code":200,"message":"ok","data":${json}}`;
  }
}

export function wrapError(mode: EnvelopeMode, body: ErrorBody, status: number): unknown {
  const { code, message, details } = body;
  switch (mode) {
    case "none":
      return body;
    case "code0":
      return { code, msg: message, data: null, status: body.status, details };
    case "code200":
      return { code: status, message, data: null, status: body.status, details };
  }
}
