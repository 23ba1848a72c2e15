import { CoreErrors, type Metadata, type RpcError } from "@sampan/core";
import type { HeaderList } from "@sampan/h2";
import { GrpcErrors } from "../errors.js";
import { isGrpcOfProtobuf } from "../wire/content-type.js";
import { type CallContext, readContext } from "../wire/context-fields.js";
import { acceptedEncodings } from "../wire/gzip.js";
import { addField, isReserved } from "../wire/metadata-fields.js";
import { parseTimeout } from "../wire/timeout.js";
import type { ServedMethod } from "./served-method.js";

/** What a request's headers say. Shared by requests with the same headers, so nothing in it is changed. */
export interface RequestHead {
  /** The HTTP status that refuses what is not gRPC; 0 for gRPC. */
  readonly refusal: number;
  /** Fails the call before a handler is looked for. */
  readonly error: RpcError | undefined;
  readonly method: ServedMethod | undefined;
  /** Milliseconds. */
  readonly timeout: number | undefined;
  readonly encoding: string;
  readonly acceptsGzip: boolean;
  readonly traceparent: string | undefined;
  readonly metadata: Metadata | undefined;
  readonly context: CallContext | undefined;
}

/**
 * Hot: once per call whose headers differ from those before (a traceparent does), so it is one pass over the fields.
 * Bench `unary`, unique headers.
 */
export function readHead(headers: HeaderList, methods: ReadonlyMap<string, ServedMethod>): RequestHead {
  const { fields } = headers;
  const method = methods.get(headers.path);
  let contentType = "";
  let timeout: number | undefined;
  let error: RpcError | undefined;
  let encoding = "identity";
  let acceptsGzip = false;
  let traceparent: string | undefined;
  let metadata: Metadata | undefined;
  let hasContext = false;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    switch (name) {
      case "content-type":
        contentType = value;
        break;
      case "grpc-timeout":
        timeout = parseTimeout(value);
        if (timeout === undefined) error = GrpcErrors.BAD_TIMEOUT({ value });
        break;
      case "grpc-encoding":
        encoding = value;
        break;
      case "grpc-accept-encoding":
        acceptsGzip = value === acceptedEncodings || /(^|,)\s*gzip\s*(,|$)/.test(value);
        break;
      case "traceparent":
        traceparent = value;
        break;
      default:
        if (name.startsWith("x-sampan-")) hasContext = true;
        else if (!isReserved(name)) metadata = addField(metadata, name, value);
    }
  }
  const refusal = refusalOf(headers.method, contentType);
  if (error === undefined && method === undefined) error = CoreErrors.UNIMPLEMENTED({ method: headers.path });
  if (error === undefined && encoding !== "identity" && encoding !== "gzip") {
    error = GrpcErrors.UNSUPPORTED_COMPRESSION({ encoding });
  }
  const context = hasContext ? readContext(fields) : undefined;
  return { refusal, error, method, timeout, encoding, acceptsGzip, traceparent, metadata, context };
}

/** 405 for what is not POST; 415 for what is not gRPC, as its specification asks ("Content-Type"). */
function refusalOf(method: string, contentType: string): number {
  if (method !== "POST") return 405;
  return isGrpcOfProtobuf(contentType) ? 0 : 415;
}
