import { setTimeout as sleep } from "node:timers/promises";

/** What a process holds when everything that can be collected is. */
export interface Sample {
  /** Octets: the heap, and what lies outside of it but belongs to its objects. */
  readonly held: number;
  /** Sockets, servers, timers and requests that keep the process alive. */
  readonly handles: number;
}

/** Closed sockets come to their end in a few of these, and what they let go of is for the collection after. */
const restMs = 120;
const mostLooks = 6;
/** A look that finds no more than this less than the one before was the last. */
const steadyOctets = 512;

/** Waits until collecting finds nothing more. Needs --expose-gc. */
export async function takeSample(): Promise<Sample> {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error("a sample needs node --expose-gc");
  let least: Sample = { held: Number.POSITIVE_INFINITY, handles: Number.POSITIVE_INFINITY };
  for (let look = 0; look < mostLooks; look++) {
    await sleep(restMs);
    gc();
    const { heapUsed, external } = process.memoryUsage();
    const held = heapUsed + external;
    const steady = held > least.held - steadyOctets;
    least = {
      held: Math.min(least.held, held),
      handles: Math.min(least.handles, process.getActiveResourcesInfo().length),
    };
    if (steady) break;
  }
  return least;
}
