import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { Compaction } from "./compaction.js";
import type { StandinEvent } from "./events.js";
import { lineOf, readEvents } from "./journal-lines.js";

/** Written in one go; a multiple of this is in memory. */
const chunkBytes = 1 << 20;

export interface Rewritten {
  /** Open to append. */
  readonly file: FileHandle;
  readonly lines: number;
  /** The new file has its name, but a crash may take it back: nothing more can be promised. */
  readonly failure: unknown;
}

/** Where a journal is written anew; what a crash left there is worth nothing. */
export function draftOf(path: string): string {
  return `${path}.compacting`;
}

/**
 * The journal without its dead events, when those are more than half; undefined otherwise, and then nothing has changed.
 * The new file is whole and on the disk before it takes the old one's name, so a crash leaves one of the two.
 */
export async function rewrite(path: string, old: FileHandle, now: number): Promise<Rewritten | undefined> {
  const compaction = new Compaction(now);
  let seen = 0;
  await readEvents(old, (event) => {
    seen++;
    compaction.see(event);
  });
  const events: StandinEvent[] = [];
  await readEvents(old, (event) => {
    const kept = compaction.kept(event);
    if (kept !== undefined) events.push(kept);
  });
  if (events.length * 2 > seen) return undefined;
  const draft = draftOf(path);
  await rm(draft, { force: true });
  const file = await open(draft, "ax+", 0o600);
  try {
    let text = "";
    for (const event of events) {
      text += lineOf(event);
      if (text.length < chunkBytes) continue;
      await file.appendFile(text);
      text = "";
    }
    await file.appendFile(text);
    await file.datasync();
    await rename(draft, path);
  } catch (error) {
    await file.close();
    await rm(draft, { force: true });
    throw error;
  }
  return { file, lines: events.length, failure: await syncFolder(dirname(path)) };
}

async function syncFolder(path: string): Promise<unknown> {
  try {
    const folder = await open(path, "r");
    await folder.sync().finally(() => folder.close());
    return undefined;
  } catch (error) {
    return error;
  }
}
