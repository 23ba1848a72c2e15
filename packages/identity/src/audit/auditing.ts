import { type Call, codeName, type Handler, type Layer, type Method, type RpcError } from "@sampan/core";
import type { AuditEvent } from "./entry.js";
import type { AuditTrail } from "./trail.js";

export interface AuditingOptions {
  readonly trail: Pick<AuditTrail, "append">;
  /** Which methods: those that change something, or show what is somebody's. */
  readonly which: (method: Method) => boolean;
  /** Of a call that has ended: whether it gets an entry. Default: every one. */
  readonly keep?: (method: Method, error: RpcError | undefined) => boolean;
  /** What is said of a call besides who and what. Of a request stream there is no request. */
  readonly describe?: (method: Method, request: unknown, call: Call) => Partial<Pick<AuditEvent, "target" | "details">>;
  /** Hears when an entry could not be written; the call has been answered by then. */
  readonly failed?: (error: unknown) => void;
}

/**
 * A server layer that writes an entry for each call that has ended, refused ones too; it stands outside of `access`. The
 * call does not wait for the disk: what must not happen without an entry awaits `trail.append` itself.
 */
export function auditing({ trail, which, keep, describe, failed = () => {} }: AuditingOptions): Layer {
  return (next, method): Handler => {
    if (!which(method)) return next;
    const action = method.path.slice(1);
    return (request, call) => {
      call.onSettle((error) => {
        if (keep?.(method, error) === false) return;
        try {
          const { target = "", details = {} } =
            describe?.(method, method.clientStreams ? undefined : request, call) ?? {};
          const { tenant, user, peer, trace } = call;
          const event: AuditEvent = {
            tenant,
            subject: user?.subject ?? "",
            caller: peer.identity,
            action,
            target,
            outcome: error === undefined ? "OK" : codeName(error.code),
            traceId: trace.traceId,
            details,
          };
          trail.append(event).catch(failed);
        } catch (thrown) {
          failed(thrown);
        }
      });
      return next(request, call);
    };
  };
}
