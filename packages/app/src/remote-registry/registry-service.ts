import { type Call, CoreErrors, implement, type RpcError, type Service } from "@sampan/core";
import type { ProbeBoard, ProbeResult } from "@sampan/discovery";
import { type RegisterRequest, RegistryService } from "@sampan/protos/sampan/registry/v1/registry_pb.js";
import type { Lease, RegistryBook } from "./registry-book.js";
import { instanceFromWire, instanceToWire, resultsFromWire, resultsToWire } from "./registry-message.js";

/** Serves a registry, and a board for what probes find, to other processes. */
export function registryService(book: RegistryBook, board: ProbeBoard): Service {
  return implement(RegistryService, {
    register: (requests, call) => registration(book, requests, call),
    async *watch({ service }, call) {
      for await (const _ of changes(call, (changed) => book.watch(service, changed)))
        yield { instances: book.instances(service).map(instanceToWire) };
    },
    async claimProbes({ service, instanceIds, owner, ttlMs }) {
      return { instanceIds: [...(await board.claim(service, instanceIds, owner, ttlMs))] };
    },
    async releaseProbes({ service, instanceIds, owner }) {
      await board.release(service, instanceIds, owner);
      return {};
    },
    async publishProbes({ service, results, ttlMs }) {
      await board.publish(service, resultsFromWire(results), ttlMs);
      return {};
    },
    async *watchProbes({ service }, call) {
      let latest: ReadonlyMap<string, ProbeResult> = new Map();
      const watch = (changed: () => void): (() => void) => {
        const watching = board.watch(service, (results) => {
          latest = results;
          changed();
        });
        return () => watching.close();
      };
      for await (const _ of changes(call, watch)) yield { results: resultsToWire(latest) };
    },
  });
}

async function* registration(book: RegistryBook, requests: AsyncIterable<RegisterRequest>, call: Call) {
  let lease: Lease | undefined;
  let ttl = 0;
  // However the call ends, also when nobody pulls this generator any more; after `remove` it has no effect.
  call.onSettle(() => {
    if (lease !== undefined) book.lapse(lease, ttl);
  });
  for await (const { service, instance, ttlMs } of requests) {
    if (instance === undefined)
      throw CoreErrors.INVALID_REQUEST({ violations: "instance: what is to be registered is missing" });
    const registered = instanceFromWire(instance);
    ttl = ttlMs;
    if (lease === undefined) lease = book.register(service, registered, () => call.abort(lost(service)));
    else if (!book.replace(lease, registered)) throw lost(service);
    yield {};
  }
  if (lease !== undefined) book.remove(lease);
}

function lost(service: string): RpcError {
  return CoreErrors.UNAVAILABLE({ service, why: "the registration was ended by the registry" });
}

/** A turn at once, and one after each change; several that come together are one. */
async function* changes(call: Call, watch: (changed: () => void) => () => void): AsyncIterable<void> {
  let pending = true;
  let wake = (): void => {};
  const unwatch = watch(() => {
    pending = true;
    wake();
  });
  call.onAbort(() => wake());
  call.onSettle(unwatch);
  while (!call.settled) {
    if (pending) {
      pending = false;
      yield;
      continue;
    }
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}
