import { Call, type CallOptions } from "./call.js";
import { CoreErrors } from "./core-errors.js";
import { initialiserOf } from "./message-initialiser.js";
import type { Method } from "./method.js";
import { RpcError } from "./rpc-error.js";
import { mapStream } from "./streams.js";
import { superviseUnary } from "./supervise.js";
import { superviseStream } from "./supervise-stream.js";

/**
 * Starts a call below another. What is passed on: the deadline (shortened, never extended), abort, tenant, release tag,
 * trace and allowed baggage. What is not: peer identity, user, token and other inbound metadata of the caller.
 */
export function startOutbound(
  parent: Call,
  method: Method,
  request: unknown,
  options: CallOptions | undefined,
): unknown {
  const refusal = refused(parent, method);
  const runtime = parent.runtime;
  const now = runtime.clock.now();
  const timeout = options?.timeoutMs ?? (method.timeoutMs > 0 ? method.timeoutMs : undefined);
  const call = new Call({
    runtime,
    side: "client",
    name: method.path,
    method,
    deadline: timeout === undefined ? parent.deadline : Math.min(parent.deadline, now + timeout),
    parent,
    // A copy, so that options that are used for many calls stay as they are when a layer adds to it.
    metadata: options?.metadata?.copy(),
    user: options?.user,
    tenant: parent.tenant,
    releaseTag: parent.releaseTag,
    baggage: parent.baggage,
    waitForReady: options?.waitForReady,
  });
  if (options?.onTrailers !== undefined) {
    const { onTrailers } = options;
    call.onSettle(() => onTrailers(call.responseTrailers));
  }
  if (refusal !== undefined) call.abort(refusal);
  else if (call.deadline <= now) call.expire();
  if (options?.signal !== undefined) followSignal(call, options.signal);
  let input: unknown;
  try {
    input = method.clientStreams
      ? mapStream(request as AsyncIterable<unknown>, initialiserOf(method.input))
      : initialiserOf(method.input)(request);
  } catch (thrown) {
    call.settle(RpcError.from(thrown));
  }
  const handler = runtime.outbound(method);
  if (method.serverStreams) return superviseStream(handler, input, call, options?.onHeaders);
  return superviseUnary(handler, input, call, options?.onHeaders);
}

/** The signal may outlive many calls, so a call that has settled leaves nothing on it. */
function followSignal(call: Call, signal: AbortSignal): void {
  const abort = (): void => {
    const reason: unknown = signal.reason;
    const why = "the signal in its options has aborted";
    call.abort(
      reason instanceof RpcError ? reason : CoreErrors.CANCELLED({ method: call.name, why }, { cause: reason }),
    );
  };
  if (signal.aborted) {
    abort();
    return;
  }
  if (call.settled) return;
  signal.addEventListener("abort", abort, { once: true });
  call.onSettle(() => signal.removeEventListener("abort", abort));
}

function refused(parent: Call, method: Method): RpcError | undefined {
  const holder = parent.holder;
  if (holder !== undefined) return CoreErrors.CALL_IN_TRANSACTION({ method: method.path, holder });
  if (!parent.settled) return undefined;
  if (parent.aborted) return parent.error;
  return CoreErrors.CANCELLED({ method: method.path, why: "the call that would have started it has settled" });
}
