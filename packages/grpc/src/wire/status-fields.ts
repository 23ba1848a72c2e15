import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, codeFromNumber, type Metadata, RpcError } from "@sampan/core";
import { StatusSchema } from "@sampan/protos/google/rpc/status_pb.js";
import { decodeBinary, encodeBinary } from "./binary-value.js";
import { addField, appendMetadata, isReserved } from "./metadata-fields.js";
import { decodePercent, encodeMessage } from "./percent.js";

/** The end of a call as trailers carry it. */
export interface EndOfCall {
  /** Undefined when there is no grpc-status, or none that is a number. */
  readonly code: Code | undefined;
  readonly message: string;
  /** The value of grpc-status-details-bin; decoded only when the call has failed. */
  readonly details: string | undefined;
  readonly metadata: Metadata | undefined;
}

export function readEnd(fields: readonly string[]): EndOfCall {
  let code: Code | undefined;
  let message = "";
  let details: string | undefined;
  let metadata: Metadata | undefined;
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    if (name === "grpc-status") code = /^[0-9]{1,10}$/.test(value) ? codeFromNumber(Number(value)) : Code.Unknown;
    else if (name === "grpc-message") message = decodePercent(value);
    else if (name === "grpc-status-details-bin") details = value;
    else if (!isReserved(name)) metadata = addField(metadata, name, value);
  }
  return { code, message, details, metadata };
}

/** The error that trailers tell of. Details that do not decode are dropped; the code and message stand. */
export function errorOf(end: EndOfCall, code: Code): RpcError {
  const bytes = end.details === undefined ? undefined : decodeBinary(end.details);
  if (bytes === undefined) return new RpcError(code, end.message);
  try {
    return new RpcError(code, end.message, { details: fromBinary(StatusSchema, bytes).details });
  } catch {
    return new RpcError(code, end.message);
  }
}

/**
 * grpc-status, message and details of a failure, then both kinds of trailing metadata. Hot under overload: refusals are
 * one error that is thrown again and again, and its fields are made once (bench `overload`).
 */
export function failureFields(error: RpcError, trailers: Metadata | undefined): readonly string[] {
  const known = repeated.get(error);
  if (known !== undefined && trailers === undefined) return known;
  const fields = statusFields(error);
  if (trailers !== undefined) appendMetadata(fields, trailers);
  if (error.metadata !== undefined) appendMetadata(fields, error.metadata);
  else if (trailers === undefined && error === last) repeated.set(error, fields);
  last = error;
  return fields;
}

/** Of errors that have come twice in a row. Metadata may change, so those that carry any are not here. */
const repeated = new WeakMap<RpcError, readonly string[]>();
let last: RpcError | undefined;

function statusFields(error: RpcError): string[] {
  const fields = ["grpc-status", String(error.code)];
  if (error.message !== "") fields.push("grpc-message", encodeMessage(error.message));
  if (error.details.length > 0) {
    const status = create(StatusSchema, { code: error.code, message: error.message, details: [...error.details] });
    fields.push("grpc-status-details-bin", encodeBinary(toBinary(StatusSchema, status)));
  }
  return fields;
}
