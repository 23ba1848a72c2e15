import { createHash } from "node:crypto";
import type { AuditEvent, AuditLine, AuditMark } from "./entry.js";

/** Where a chain stands: what the next line refers to. */
export interface ChainHead {
  /** Of the last line; 0 before the first. */
  readonly sequence: number;
  readonly hash: string;
}

/** Before the first line of a trail. */
export const emptyChain: ChainHead = { sequence: 0, hash: "0".repeat(64) };

/** One more line, without its line break, and the head behind it. A decider. */
export function link(
  head: ChainHead,
  at: number,
  what: AuditEvent | Pick<AuditMark, "kind" | "dropped">,
): { readonly text: string; readonly head: ChainHead } {
  const sequence = head.sequence + 1;
  const kind = "kind" in what ? what.kind : "event";
  const rest = "kind" in what ? (what.dropped === undefined ? {} : { dropped: what.dropped }) : eventFields(what);
  const body = JSON.stringify({ sequence, at: new Date(at).toISOString(), kind, ...rest, previous: head.hash });
  const hash = sha256(body);
  // The hash stands last, so that what it is taken over is the line up to it.
  return { text: `${body.slice(0, -1)},"hash":"${hash}"}`, head: { sequence, hash } };
}

/** In this order whatever the caller's object looks like, and nothing besides. */
function eventFields({ tenant, subject, caller, action, target, outcome, traceId, details }: AuditEvent): AuditEvent {
  return { tenant, subject, caller, action, target, outcome, traceId, details };
}

const ending = /^(.*),"hash":"([0-9a-f]{64})"\}$/s;

/** What a line says, if it is whole in itself; else why it is not. */
export function readLine(
  text: string,
): { readonly line: AuditLine; readonly why?: undefined } | { readonly line?: undefined; readonly why: string } {
  const [, body, hash] = ending.exec(text) ?? [];
  if (body === undefined || hash === undefined) return { why: "it is not a line of a trail" };
  if (sha256(`${body}}`) !== hash) return { why: "its content does not fit its hash" };
  try {
    const line = JSON.parse(text) as AuditLine;
    // The hash fits, so a trail has written it; these hold unless somebody has made a hash of something else.
    if (!Number.isSafeInteger(line.sequence) || typeof line.previous !== "string" || typeof line.at !== "string") {
      return { why: "it is not a line of a trail" };
    }
    return { line };
  } catch {
    return { why: "it is not JSON" };
  }
}

/** Why a whole line does not follow a head; undefined when it does. */
export function breakOf(head: ChainHead, line: AuditLine): string | undefined {
  if (line.sequence !== head.sequence + 1) {
    return `number ${line.sequence} stands where ${head.sequence + 1} belongs: lines are missing or in another order`;
  }
  if (line.previous !== head.hash)
    return "it follows another line than the one before it: something was replaced or taken out";
  return undefined;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
