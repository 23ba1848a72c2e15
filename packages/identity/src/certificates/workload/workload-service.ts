import { type Call, type Clock, Code, implement, RpcError, type Service, systemClock } from "@sampan/core";
import { SpiffeWorkloadAPI } from "@sampan/protos/spiffe/workload/workload_pb.js";
import { CertificateErrors } from "../certificate-errors.js";
import type { X509Context, X509Source } from "../source/x509-source.js";
import { bundlesResponse, svidResponse } from "./workload-messages.js";

export interface WorkloadServiceOptions {
  /**
   * The identities of whoever can open the socket that this is served on; the first is the default. A socket is for
   * one workload: Node does not tell which process is at the other end, so the file's permissions are what says it.
   */
  readonly sources: readonly X509Source[];
  readonly clock?: Clock;
}

const securityHeader = "workload.spiffe.io";

/**
 * The SPIFFE Workload API for one socket. Every message is the full state; one is sent at once and one after each
 * change. JWT-SVIDs are not offered. Serve it where only its workload can connect, with a default deadline that lets
 * streams last.
 */
export function workloadService({ sources, clock = systemClock }: WorkloadServiceOptions): Service {
  const contexts = (): X509Context[] => {
    const now = clock.now();
    const valid = sources.map((source) => source.current()).filter(({ svid }) => now < svid.notAfter);
    if (valid.length > 0) return valid;
    throw CertificateErrors.NO_IDENTITY({
      why: sources.length === 0 ? "none is registered" : "its certificates have expired",
    });
  };
  return implement(SpiffeWorkloadAPI, {
    fetchX509SVID: (_, call) => states(sources, call, () => svidResponse(contexts())),
    fetchX509Bundles: (_, call) => states(sources, call, () => bundlesResponse(contexts())),
    fetchJWTSVID: notOffered,
    fetchJWTBundles: notOffered,
    validateJWTSVID: notOffered,
  });
}

function notOffered(_: unknown, call: Call): never {
  requireHeader(call);
  throw new RpcError(Code.Unimplemented, "JWT-SVIDs are not offered here; access tokens come from the auth service");
}

/** The header keeps a browser or a proxy that was tricked into connecting from getting a key (Workload Endpoint, section 5). */
function requireHeader(call: Call): void {
  const values = call.metadata.getAll(securityHeader);
  if (values.length !== 1 || values[0] !== "true")
    throw CertificateErrors.WORKLOAD_REQUEST({ why: `${securityHeader} is not true` });
}

/** The state now, and after each change; several changes at once are one message. */
async function* states<T>(sources: readonly X509Source[], call: Call, state: () => T): AsyncGenerator<T> {
  requireHeader(call);
  let wake = (): void => {};
  let changed = true;
  const change = (): void => {
    changed = true;
    wake();
  };
  const unwatch = sources.map((source) => source.watch(change));
  let ended = false;
  call.onSettle(() => {
    ended = true;
    wake();
  });
  try {
    while (!ended) {
      if (changed) {
        changed = false;
        yield state();
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } finally {
    for (const end of unwatch) end();
  }
}
