import { AuditErrors } from "./audit-errors.js";
import { readLine } from "./chain.js";
import type { AuditEntry } from "./entry.js";
import { maxLineBytes, rawLines, trailFiles } from "./trail-files.js";

/** What is asked for; everything that is given must fit. */
export interface AuditFilter {
  readonly tenant?: string;
  readonly subject?: string;
  readonly caller?: string;
  /** The whole action, or its beginning with a star behind it. */
  readonly action?: string;
  readonly outcome?: string;
  /** From this time on, ms since the epoch. */
  readonly from?: number;
  /** Before this time. */
  readonly until?: number;
}

/**
 * The events of a trail that fit, in order, as they were written. Each line is held against its own hash, and one that
 * does not fit it throws `AUDIT_DAMAGED`; whether lines are missing is for `verifyTrail` to say.
 */
export async function* exportTrail(folder: string, filter: AuditFilter = {}): AsyncGenerator<AuditEntry> {
  for (const { path } of await trailFiles(folder)) {
    for await (const { text, number, isTorn } of rawLines(path, maxLineBytes)) {
      // A crash has cut it off, and nobody was told that it was written.
      if (isTorn) break;
      const read = readLine(text);
      if (read.why !== undefined) throw AuditErrors.AUDIT_DAMAGED({ file: path, line: String(number), why: read.why });
      if (read.line.kind === "event" && fits(read.line, filter)) yield read.line;
    }
  }
}

function fits(entry: AuditEntry, filter: AuditFilter): boolean {
  for (const field of ["tenant", "subject", "caller", "outcome"] as const) {
    if (filter[field] !== undefined && filter[field] !== entry[field]) return false;
  }
  const { action, from, until } = filter;
  if (action !== undefined) {
    const isPrefix = action.endsWith("*");
    if (isPrefix ? !entry.action.startsWith(action.slice(0, -1)) : entry.action !== action) return false;
  }
  const at = Date.parse(entry.at);
  return (from === undefined || at >= from) && (until === undefined || at < until);
}
