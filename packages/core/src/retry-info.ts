import { create } from "@bufbuild/protobuf";
import { type Any, durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import { RetryInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { detail, type RpcError } from "./rpc-error.js";

/** A detail (`google.rpc.RetryInfo`) that says when trying again makes sense; `ms` below 0 counts as 0. */
export function retryAfter(ms: number): Any {
  return detail(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: durationFromMs(Math.max(0, Math.ceil(ms))) }));
}

/** The wait in ms that an error asks for; undefined when it does not say. */
export function retryDelayMs(error: RpcError): number | undefined {
  const delay = error.findDetail(RetryInfoSchema)?.retryDelay;
  return delay === undefined ? undefined : durationMs(delay);
}
