/*
 * When token keys change. A key is published before it signs, so that every verifier has it by then, and stays published
 * until the last token that it signed has expired: at no time is a good token refused.
 */

/** A key of the ring, as the rules see it. */
export interface RingEntry {
  readonly kid: string;
  /** From when on it signs, ms since the epoch; until the next one does. */
  readonly signsFrom: number;
}

export interface RotationRules {
  /** How long a key signs. 0: for ever. */
  readonly rotateEveryMs: number;
  /** How long before it signs a key is published. More than verifiers take to fetch the key set. */
  readonly publishAheadMs: number;
  /** How long after its last signature a key stays published: the life of a token, and the clock skew. */
  readonly keepMs: number;
}

/** A month; ten minutes; two hours and a little. */
export const defaultRotation: RotationRules = {
  rotateEveryMs: 2_592_000_000,
  publishAheadMs: 600_000,
  keepMs: 7_260_000,
};

/** What signs now: the key that has begun last; the first to begin when none has. `entries` is in order of `signsFrom`. */
export function signing<E extends RingEntry>(entries: readonly E[], now: number): E | undefined {
  return entries.findLast((entry) => entry.signsFrom <= now) ?? entries[0];
}

/** What is still published now: everything but keys whose successor has been signing for longer than tokens live. */
export function published<E extends RingEntry>(entries: readonly E[], now: number, rules: RotationRules): readonly E[] {
  return entries.filter((_, index) => {
    const successor = entries[index + 1];
    return successor === undefined || successor.signsFrom + rules.keepMs > now;
  });
}

/** From when on a new key is to sign, if one has to be made now; undefined when none has. */
export function nextKey(entries: readonly RingEntry[], now: number, rules: RotationRules): number | undefined {
  const last = entries.at(-1);
  if (last === undefined) return now;
  if (rules.rotateEveryMs === 0) return undefined;
  const due = last.signsFrom + rules.rotateEveryMs;
  // Late (nobody was there to rotate): it is published for its time all the same, and the old one signs meanwhile.
  return due - rules.publishAheadMs <= now ? Math.max(due, now + rules.publishAheadMs) : undefined;
}
