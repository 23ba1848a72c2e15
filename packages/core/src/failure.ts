import type { Call } from "./call.js";
import { RpcError } from "./rpc-error.js";

/** What a thrown value becomes: an `RpcError`; anything else is logged with its cause, which the caller never sees. */
export function failure(thrown: unknown, call: Call): RpcError {
  const error = RpcError.from(thrown);
  if (error !== thrown && call.side !== "client") {
    call.log.error("a handler threw something that is not an RpcError", { error: thrown });
  }
  return error;
}
