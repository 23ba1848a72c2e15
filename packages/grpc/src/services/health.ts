import { Code, implement, RpcError, type Service } from "@sampan/core";
import {
  type HealthCheckRequest,
  Health as HealthContract,
  HealthCheckResponse_ServingStatus as Status,
} from "@sampan/protos/grpc/health/v1/health_pb.js";

export type HealthState = "serving" | "not_serving";

/**
 * What `grpc.health.v1.Health` answers. Whoever knows sets the state of a service; the empty name is the whole process.
 * A service that is served and was never set is serving.
 */
export interface Health {
  set(service: string, state: HealthState): void;
  /** Everything is NOT_SERVING from here on, whatever is set later (grpc/grpc `doc/health-checking.md`). */
  shutdown(): void;
  state(service: string): HealthState | undefined;
  /** Calls back at every change of any service; returns a function that ends it. */
  watch(changed: () => void): () => void;
}

export function createHealth(): Health {
  const states = new Map<string, HealthState>([["", "serving"]]);
  const watchers = new Set<() => void>();
  let down = false;
  const changed = (): void => {
    for (const watcher of watchers) watcher();
  };
  return {
    set(service, state) {
      if (states.get(service) === state) return;
      states.set(service, state);
      changed();
    },
    shutdown() {
      if (down) return;
      down = true;
      changed();
    },
    state: (service) => (down ? "not_serving" : states.get(service)),
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

/** The service; `served` are the names that it knows beside those that were set. */
export function healthService(health: Health, served: readonly Service[]): Service {
  const names = new Set(served.map((service) => service.desc.typeName));
  const statusOf = (service: string): Status => {
    const state = health.state(service) ?? (names.has(service) ? "serving" : undefined);
    if (state === undefined) return Status.SERVICE_UNKNOWN;
    return state === "serving" ? Status.SERVING : Status.NOT_SERVING;
  };
  return implement(HealthContract, {
    check({ service }: HealthCheckRequest) {
      const status = statusOf(service);
      if (status === Status.SERVICE_UNKNOWN) throw new RpcError(Code.NotFound, `no service ${service} is served here`);
      return { status };
    },
    async *watch({ service }: HealthCheckRequest, call) {
      let wake = (): void => {};
      const unwatch = health.watch(() => wake());
      call.onAbort(() => wake());
      call.onSettle(() => unwatch());
      let told: Status | undefined;
      while (!call.settled) {
        const status = statusOf(service);
        if (status !== told) {
          told = status;
          yield { status };
          continue;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  });
}
