import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

/** A file of a trail, named by the number of its first line. */
export interface TrailFile {
  readonly path: string;
  readonly first: number;
}

const namePattern = /^audit-(\d{15})\.jsonl$/;

export function trailFilePath(folder: string, first: number): string {
  return join(folder, `audit-${String(first).padStart(15, "0")}.jsonl`);
}

/** In the order of the trail; none for a folder that is not there. */
export async function trailFiles(folder: string): Promise<TrailFile[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const found = names.map((name) => ({ path: join(folder, name), digits: namePattern.exec(name)?.[1] }));
  return found
    .filter(({ digits }) => digits !== undefined)
    .map(({ path, digits }) => ({ path, first: Number(digits) }))
    .sort((a, b) => a.first - b.first);
}

/** A line with its number in the file, from 1. `isTorn` when no line break ends it: only the last can be. */
export interface RawLine {
  readonly text: string;
  readonly number: number;
  readonly isTorn: boolean;
}

const chunkBytes = 64 * 1024;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The lines of a file, without holding all of it; a line has at most so many octets. */
export async function* rawLines(path: string, maxLineBytes: number): AsyncGenerator<RawLine> {
  const file = await open(path, "r");
  try {
    // Bytes that are not UTF-8 would read like others, so a line that has some reads as none.
    const textOf = (bytes: Uint8Array): string => {
      try {
        return decoder.decode(bytes);
      } catch {
        return "";
      }
    };
    let rest: Buffer = Buffer.alloc(0);
    let number = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes);
      if (bytesRead === 0) break;
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
        yield { text: textOf(rest.subarray(start, end)), number: ++number, isTorn: false };
        start = end + 1;
      }
      rest = rest.subarray(start);
      // Not a trail's: what follows will not be understood anyway.
      if (rest.length > maxLineBytes) break;
    }
    if (rest.length > 0) yield { text: textOf(rest), number: ++number, isTorn: true };
  } finally {
    await file.close();
  }
}

/** Above everything that `checkEvent` lets through, escaped. */
export const maxLineBytes: number = 1024 * 1024;

/** What stands at the end of a file: the last whole line, how far whole lines reach, and how many octets follow. */
export interface TrailTail {
  readonly text: string | undefined;
  readonly wholeBytes: number;
  readonly tornBytes: number;
}

export async function tailOf(path: string): Promise<TrailTail> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    // A torn line and a whole one before it.
    const length = Math.min(size, 2 * maxLineBytes);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const end = bytesRead === 0 ? -1 : buffer.lastIndexOf(10, bytesRead - 1);
    if (end < 0) return { text: undefined, wholeBytes: 0, tornBytes: size };
    const start = end === 0 ? 0 : buffer.lastIndexOf(10, end - 1) + 1;
    const wholeBytes = size - length + end + 1;
    return { text: buffer.toString("utf8", start, end), wholeBytes, tornBytes: size - wholeBytes };
  } finally {
    await file.close();
  }
}
