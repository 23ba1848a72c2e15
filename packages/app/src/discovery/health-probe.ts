import { Code, RpcError, type Runtime } from "@sampan/core";
import type { Instance } from "@sampan/core/ports";
import { Health, HealthCheckResponse_ServingStatus as Status } from "@sampan/protos/grpc/health/v1/health_pb.js";

/** Connections for probes of instances that nobody has seen for long are given up from here on. */
const maxRuntimes = 1_000;

/**
 * Asks an instance by `grpc.health.v1` over a connection that calls do not use, so that they cannot hold a probe up. One
 * that has no health service answers all the same, and counts as up. Services of one group share connections.
 */
export function healthProbe(
  runtimeTo: (target: string, service: string) => Runtime,
  groupOf: (service: string) => string = () => "",
): (instance: Instance, signal: AbortSignal, service: string) => Promise<void> {
  const runtimes = new Map<string, Runtime>();
  const runtimeOf = (address: string, service: string): Runtime => {
    const key = `${groupOf(service)} ${address}`;
    const runtime = runtimes.get(key) ?? runtimeTo(address, service);
    // Put at the end, so that the first is the one not used for longest. Its channel closes by itself when it is idle.
    runtimes.delete(key);
    runtimes.set(key, runtime);
    if (runtimes.size > maxRuntimes) runtimes.delete(runtimes.keys().next().value as string);
    return runtime;
  };
  return ({ address }, signal, service) =>
    runtimeOf(address, service).run({ name: "probe" }, async (call) => {
      const { status } = await call
        .to(Health, { signal, waitForReady: false })
        .check({ service: "" })
        .catch((thrown: unknown) => {
          if (RpcError.from(thrown).code === Code.Unimplemented) return { status: Status.SERVING };
          throw thrown;
        });
      if (status !== Status.SERVING) throw new Error(`the instance says that it is ${Status[status]}`);
    });
}
