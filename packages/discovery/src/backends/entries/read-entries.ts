import type { Instance } from "@sampan/core/ports";
import { checkInstance } from "../../working-set/check-instance.js";
import type { Session } from "../following/source.js";

/** Entries that are read before other work gets its turn. */
const sliceSize = 500;

/** Instances of one service that are used; more are left out. As many as a working set takes (`WorkingSetOptions`). */
export const maxEntries = 10_000;

/**
 * Reads a registry's entries as instances, some at a time, so that ten thousand do not hold up the event loop. What cannot
 * be read is left out, and the session told why. `read` gives undefined for an entry that is rightly no instance.
 */
export async function readEntries<T>(
  entries: readonly T[],
  session: Session,
  read: (entry: T) => Instance | undefined,
): Promise<Instance[]> {
  const instances: Instance[] = [];
  let leftOut = 0;
  let why = "";
  const leave = (reason: string): void => {
    if (leftOut++ === 0) why = reason;
  };
  for (const [index, entry] of entries.entries()) {
    if (index > 0 && index % sliceSize === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      session.signal.throwIfAborted();
    }
    const instance = read(entry);
    if (instance === undefined) continue;
    const wrong = checkInstance(instance);
    if (wrong !== undefined) leave(wrong);
    else if (instances.length >= maxEntries) leave(`there are more than ${maxEntries}`);
    else instances.push(instance);
  }
  session.leftOut(leftOut, why);
  return instances;
}
