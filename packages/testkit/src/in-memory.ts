import { type Clock, Dispatcher, Runtime, type Service, systemClock } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";

/** Services that run here for a test. */
export interface InMemory {
  /** For the root calls of the test, and for what the services do by themselves. */
  readonly runtime: Runtime;
  close(): Promise<void>;
}

/**
 * Joins services in memory as a process does, and encodes every message on its way. `build` is given the runtime, for
 * services that need one.
 */
export async function serveInMemory(
  build: (runtime: Runtime) => readonly Service[],
  clock: Clock = systemClock,
): Promise<InMemory> {
  const transport = memoryTransport({ verify: true });
  const runtime = new Runtime({ name: "test", clock, connect: (service) => transport.connect(service) });
  await transport.listen(new Dispatcher(runtime, build(runtime)));
  return { runtime, close: () => transport.close() };
}
