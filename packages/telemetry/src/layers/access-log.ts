import { type Call, Code, codeName, type Layer, type RpcError } from "@sampan/core";
import type { Logger } from "@sampan/core/ports";

export interface AccessLogOptions {
  /** Also calls that this process makes. Default false: whoever serves them logs them. */
  readonly client?: boolean;
  /** Which calls that went well get a line. Default all. */
  readonly successes?: "all" | "slow" | "none";
  /** From here on a call is slow, and its line a warning, in ms. Default 1000. */
  readonly slowMs?: number;
}

/** Codes that mean that something here is wrong, and not with the request. */
const faults: ReadonlySet<Code> = new Set([Code.Unknown, Code.Internal, Code.DataLoss, Code.Unimplemented]);
/** Codes that mean that something is overloaded, slow or away. */
const strains: ReadonlySet<Code> = new Set([Code.DeadlineExceeded, Code.ResourceExhausted, Code.Unavailable]);

/** Logs each call when it ends: a line with code, duration, trace and caller. Request and response are never logged. */
export function accessLog(logger: Logger, options: AccessLogOptions = {}): Layer {
  const { client = false, successes = "all", slowMs = 1000 } = options;
  return (next, method) => {
    // A stream lasts as long as its reader likes.
    const maySlow = !method.serverStreams && !method.clientStreams;
    // Hot path: one function for all calls of a method.
    const ended = (error: RpcError | undefined, call: Call): void => {
      const duration = call.elapsed();
      const slow = duration >= slowMs && maySlow;
      if (error === undefined && (successes === "none" || (successes === "slow" && !slow))) return;
      logger[levelOf(error, slow)](call.side === "client" ? "called" : "served", lineOf(call, duration, error));
    };
    return (request, call) => {
      if (call.side === "client" && !client) return next(request, call);
      call.began();
      call.onSettle(ended);
      return next(request, call);
    };
  };
}

function levelOf(error: RpcError | undefined, slow: boolean): "info" | "warn" | "error" {
  if (error !== undefined && faults.has(error.code)) return "error";
  return slow || (error !== undefined && strains.has(error.code)) ? "warn" : "info";
}

function lineOf(call: Call, duration: number, error: RpcError | undefined): Record<string, unknown> {
  const line: Record<string, unknown> = {
    call: call.name,
    code: error === undefined ? "OK" : codeName(error.code),
    // Microseconds are enough, and a shorter line.
    duration_ms: Math.round(duration * 1000) / 1000,
    trace_id: call.trace.traceId,
    peer: call.side === "server" ? call.peer.identity || call.peer.address : undefined,
  };
  if (call.tenant !== "default") line.tenant = call.tenant;
  if (call.releaseTag !== "") line.release_tag = call.releaseTag;
  if (error !== undefined) {
    line.error = error.message;
    const { reason } = error;
    if (reason !== "") line.reason = reason;
    // The stack of what went wrong underneath belongs to faults only: refusals happen all the time.
    if (faults.has(error.code) && error.cause !== undefined) line.cause = error.cause;
  }
  return line;
}
