import { breakOf, type ChainHead, emptyChain, readLine } from "./chain.js";
import type { AuditLine } from "./entry.js";
import { maxLineBytes, rawLines, trailFiles } from "./trail-files.js";

/** Something wrong with a trail. */
export interface TrailProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly why: string;
}

export interface TrailReport {
  readonly files: number;
  readonly lines: number;
  readonly events: number;
  /** Lines that crashes have cut off, and that were dropped on the next start. */
  readonly recovered: number;
  /** What follows now would refer to it. */
  readonly head: ChainHead;
  /** The first problem of each file; empty for a whole trail. */
  readonly problems: readonly TrailProblem[];
  /** An unfinished last line: its writer was interrupted and has not started again. */
  readonly isTorn: boolean;
}

export interface VerifyOptions {
  /** A head that was noted elsewhere; the trail must contain it. Finds a trail that was cut short or rewritten whole. */
  readonly expect?: ChainHead;
  /** Before the first line of the oldest file that is still there, when older ones were moved to an archive. */
  readonly from?: ChainHead;
}

/**
 * Reads a trail from its first line to its last. Any change, deletion, insertion or move of a line breaks the chain where
 * it was done. What the chain alone cannot show is that its end was cut off, or that somebody has written all of it anew:
 * that takes a head that was noted elsewhere (`expect`), which is what checkpoints in the log are for.
 */
export async function verifyTrail(folder: string, options: VerifyOptions = {}): Promise<TrailReport> {
  const { expect, from = emptyChain } = options;
  const problems: TrailProblem[] = [];
  let head = from;
  let lines = 0;
  let events = 0;
  let recovered = 0;
  let isTorn = false;
  let isExpected = expect === undefined || (expect.sequence === head.sequence && expect.hash === head.hash);
  const files = await trailFiles(folder);
  for (const [index, { path, first }] of files.entries()) {
    const problem = (line: number, why: string): void => void problems.push({ file: path, line, why });
    let isFirst = true;
    const isMissing = first !== head.sequence + 1;
    if (isMissing)
      problem(1, `the file begins with number ${first}, and ${head.sequence + 1} would follow: a file is missing`);
    for await (const { text, number, isTorn: torn } of rawLines(path, maxLineBytes)) {
      if (torn) {
        if (index === files.length - 1) isTorn = true;
        else problem(number, "the line is not complete, and files follow");
        break;
      }
      const read = readLine(text);
      // Said already; what follows is held against the file's own beginning.
      if (isFirst && isMissing && read.line !== undefined) head = { sequence: first - 1, hash: read.line.previous };
      const why = read.why ?? breakOf(head, read.line) ?? (isFirst ? beginProblem(read.line) : undefined);
      if (read.why !== undefined || why !== undefined) {
        if (!(isMissing && isFirst)) problem(number, why ?? "");
        // One for a file: what follows from it would be noise. The next file is held against its own beginning.
        head = (await lastHead(path)) ?? head;
        break;
      }
      const { line } = read;
      isFirst = false;
      head = { sequence: line.sequence, hash: line.hash };
      if (expect?.sequence === head.sequence && expect.hash === head.hash) isExpected = true;
      lines++;
      if (line.kind === "event") events++;
      if (line.kind === "recovered") recovered++;
    }
  }
  if (!isExpected && problems.length === 0) {
    const file = files.at(-1)?.path ?? folder;
    problems.push({
      file,
      line: lines,
      why: `number ${expect?.sequence} with the expected hash is not in it: the end was cut off, or all was written anew`,
    });
  }
  return { files: files.length, lines, events, recovered, head, problems, isTorn };
}

function beginProblem(line: AuditLine): string | undefined {
  return line.kind === "begin" ? undefined : "the first line of a file must be its beginning";
}

/** The head that a file's last whole line leaves, whatever stands before it. */
async function lastHead(path: string): Promise<ChainHead | undefined> {
  let head: ChainHead | undefined;
  for await (const { text } of rawLines(path, maxLineBytes)) {
    const { line } = readLine(text);
    if (line !== undefined) head = { sequence: line.sequence, hash: line.hash };
  }
  return head;
}
