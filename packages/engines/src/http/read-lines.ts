import { StringDecoder } from "node:string_decoder";

/** The lines of a stream of bytes, without the empty ones. Throws when one is longer than the limit. */
export async function* readLines(
  source: AsyncIterable<Buffer>,
  limit: number,
  tooLong: () => Error,
): AsyncGenerator<string, void> {
  const decoder = new StringDecoder("utf8");
  // Pieces are joined once, when the line ends: joining at each chunk would cost the square of a long line.
  let pieces: string[] = [];
  let held = 0;
  for await (const chunk of source) {
    const parts = decoder.write(chunk).split("\n");
    const last = parts.pop() ?? "";
    for (const part of parts) {
      pieces.push(part);
      const line = pieces.join("");
      pieces = [];
      held = 0;
      if (line.length > limit) throw tooLong();
      if (line.trim() !== "") yield line;
    }
    pieces.push(last);
    held += last.length;
    if (held > limit) throw tooLong();
  }
  const rest = pieces.join("") + decoder.end();
  if (rest.trim() !== "") yield rest;
}
