import { systemClock } from "@sampan/core";
import { registryContract } from "@sampan/testkit";
import { remoteRegistrar } from "./remote-registrar.js";
import { remoteRegistryBench } from "./remote-registry.fixture.js";
import { remoteResolver } from "./remote-resolver.js";

registryContract("the registry of another process", { registers: true, fails: true, forgets: true }, async () => {
  const bench = await remoteRegistryBench(systemClock);
  const registrar = remoteRegistrar({ runtime: bench.runtime("order") });
  const resolver = remoteResolver(bench.runtime("caller"));
  return {
    registrar,
    resolver,
    outage: () => bench.stop(),
    recovery: () => bench.start(),
    forget: async () => bench.book.evict(() => true),
    async dispose() {
      await registrar.close();
      await resolver.close();
      await bench.stop();
    },
  };
});
