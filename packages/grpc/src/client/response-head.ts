import { Code, type Metadata, RpcError } from "@sampan/core";
import type { HeaderList } from "@sampan/h2";
import { GrpcErrors } from "../errors.js";
import { isGrpcOfProtobuf } from "../wire/content-type.js";
import { metadataOf } from "../wire/metadata-fields.js";
import { codeFromHttpStatus } from "../wire/status-codes.js";
import { type EndOfCall, readEnd } from "../wire/status-fields.js";

/** What response headers say. Shared by responses with the same headers, so nothing in it is changed. */
export interface ResponseHead {
  /** False for an answer that is not gRPC, and then only its end is read. */
  readonly isGrpc: boolean;
  readonly httpStatus: number;
  readonly contentType: string;
  readonly encoding: string;
  readonly metadata: Metadata | undefined;
}

/** Hot: the same headers are read once per connection (bench `client`). */
export function responseHead(headers: HeaderList): ResponseHead {
  let head = headers.derived as ResponseHead | undefined;
  if (head === undefined) {
    const contentType = headers.get("content-type") ?? "";
    head = {
      isGrpc: headers.status === 200 && isGrpcOfProtobuf(contentType),
      httpStatus: headers.status,
      contentType,
      encoding: headers.get("grpc-encoding") ?? "identity",
      metadata: metadataOf(headers.fields),
    };
    headers.derived = head;
  }
  return head;
}

/** The end that trailers, or the headers of a trailers-only answer, tell of. */
export function endOf(trailers: HeaderList, isTrailersOnly: boolean): EndOfCall {
  if (isTrailersOnly) return readEnd(trailers.fields);
  let end = trailers.derived as EndOfCall | undefined;
  if (end === undefined) {
    end = readEnd(trailers.fields);
    trailers.derived = end;
  }
  return end;
}

/** The failure of an answer without grpc-status, from its HTTP status. */
export function withoutStatus(method: string, head: ResponseHead | undefined): RpcError {
  const status = head?.httpStatus ?? 0;
  const why =
    head?.isGrpc === true ? "it ended without grpc-status" : `HTTP ${status}, ${head?.contentType || "no type"}`;
  const { message, details } = GrpcErrors.BAD_RESPONSE({ method, why });
  const code = head?.isGrpc === true ? Code.Unknown : codeFromHttpStatus(status);
  return new RpcError(code, message, { details });
}
