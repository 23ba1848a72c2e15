import type { Client, Runtime } from "@sampan/core";
import type { ProbeBoard } from "@sampan/discovery";
import { RegistryService, type WatchProbesResponse } from "@sampan/protos/sampan/registry/v1/registry_pb.js";
import { LastingStream } from "./lasting-stream.js";
import { resultsFromWire, resultsToWire } from "./registry-message.js";

/** A board that does not answer leaves the probing to everybody, so nobody waits long for it. */
const patienceMs = 1_000;

/** The probe board of another process; the runtime's channel to `RegistryService` decides where it is. */
export function remoteBoard(runtime: Runtime): ProbeBoard {
  const remote = <T>(name: string, work: (client: Client<typeof RegistryService>) => Promise<T>): Promise<T> =>
    runtime.run({ name: `registry/${name}`, timeoutMs: patienceMs }, (call) =>
      work(call.to(RegistryService, { waitForReady: false })),
    );
  return {
    claim: (service, ids, owner, ttlMs) =>
      remote("claim-probes", async (client) => {
        const { instanceIds } = await client.claimProbes({ service, instanceIds: [...ids], owner, ttlMs });
        return new Set(instanceIds);
      }),
    release: (service, ids, owner) =>
      remote("release-probes", async (client) => {
        await client.releaseProbes({ service, instanceIds: [...ids], owner });
      }),
    publish: (service, results, ttlMs) =>
      remote("publish-probes", async (client) => {
        await client.publishProbes({ service, results: resultsToWire(results), ttlMs });
      }),
    watch(service, listener) {
      const stream = new LastingStream<WatchProbesResponse>({
        runtime,
        name: `registry/watch-probes/${service}`,
        open: (client) => client.watchProbes({ service }),
        take: ({ results }) => listener(resultsFromWire(results)),
        // What others found runs out by itself.
        broken: () => {},
      });
      return { close: () => void stream.close() };
    },
  };
}
