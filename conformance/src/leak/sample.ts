import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";

/** Closed sockets, and compilations in the background, have come to their end after so long. */
const restMs = 200;

/** What a process holds when everything that can be collected is. */
export interface Sample {
  /** Octets: the heap, and what lies outside of it but belongs to its objects. */
  readonly held: number;
  /** Sockets, servers, timers and requests that keep the process alive. */
  readonly handles: number;
}

/** Needs --expose-gc. */
export async function takeSample(): Promise<Sample> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("a sample needs node --expose-gc");
  await sleep(restMs);
  // Finalizers run in turns of their own, and what they let go of is for the next collection.
  for (let i = 0; i < 6; i++) {
    gc();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return { held: heapUsed + external, handles: process.getActiveResourcesInfo().length };
}
