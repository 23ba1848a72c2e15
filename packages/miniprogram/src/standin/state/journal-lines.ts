import type { FileHandle } from "node:fs/promises";
import type { StandinEvent } from "./events.js";

/** Passes every whole line of the file to `each`. Gives how long the file is up to the last of them. */
export async function readEvents(file: FileHandle, each: (event: StandinEvent) => void): Promise<number> {
  let rest: Buffer = Buffer.alloc(0);
  let complete = 0;
  const chunk = Buffer.alloc(1 << 16);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) return complete;
    position += bytesRead;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      each(JSON.parse(rest.toString("utf8", 0, end)) as StandinEvent);
      rest = rest.subarray(end + 1);
      complete += end + 1;
    }
  }
}

export function lineOf(event: StandinEvent): string {
  return `${JSON.stringify(event)}\n`;
}
