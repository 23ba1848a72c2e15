import { type Clock, Dispatcher, Runtime } from "@sampan/core";
import { memoryTransport } from "@sampan/core/memory";
import type { Instance } from "@sampan/core/ports";
import { memoryBoard } from "@sampan/discovery";
import { createFakeClock, type FakeClock } from "@sampan/testkit";
import { RegistryBook } from "./registry-book.js";
import { registryService } from "./registry-service.js";

/** The registry of one process, and runtimes of others, whose calls are encoded and decoded. */
export interface RemoteRegistryBench<C extends Clock = FakeClock> {
  readonly clock: C;
  /** Of the registry that runs now; a restarted one begins empty. */
  readonly book: RegistryBook;
  runtime(name: string): Runtime;
  /** The registry's process ends. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function remoteRegistryBench<C extends Clock = FakeClock>(given?: C): Promise<RemoteRegistryBench<C>> {
  const clock = given ?? (createFakeClock() as unknown as C);
  const transport = memoryTransport({ verify: true });
  const connect = () => transport.connect("memory");
  let book = new RegistryBook({ clock });
  let stop = async (): Promise<void> => {};
  const start = async (): Promise<void> => {
    book = new RegistryBook({ clock });
    const runtime = new Runtime({ name: "supervisor", clock, connect });
    const listener = await transport.listen(new Dispatcher(runtime, [registryService(book, memoryBoard(clock))]));
    stop = () => listener.close();
  };
  await start();
  return {
    clock,
    get book() {
      return book;
    },
    runtime: (name) => new Runtime({ name, clock, connect }),
    stop: () => stop(),
    start,
  };
}

export function instance(id: string, change: Partial<Instance> = {}): Instance {
  return { id, address: `unix:/run/${id}`, zone: "", weight: 100, version: "", labels: {}, health: "up", ...change };
}
