/** How long a certificate holds, ms since the epoch. */
export interface Validity {
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A stage of a certificate's end. 0: nothing to say; then 1, 2, … with each halving of what is left; `expired` last. */
export interface ExpiryStage {
  readonly stage: number;
  readonly isExpired: boolean;
  /** When the next stage begins; undefined after the last. */
  readonly nextAt: number | undefined;
}

/** The first stage begins when so much of the life is left. Renewal is due at half, so by then it has failed for a while. */
const firstShare = 1 / 4;
const mostStages = 6;

/**
 * How near its end a certificate is at a time: a quarter of its life, an eighth, … down to 1/128, and expired. So what is
 * told of one becomes more frequent the nearer the end is, whether it lives an hour or ten seconds. A decider.
 */
export function expiryStage({ notBefore, notAfter }: Validity, now: number): ExpiryStage {
  if (now >= notAfter) return { stage: mostStages + 1, isExpired: true, nextAt: undefined };
  const life = Math.max(1, notAfter - notBefore);
  let stage = 0;
  while (stage < mostStages && now >= notAfter - life * firstShare * 2 ** -stage) stage++;
  const nextAt = stage === mostStages ? notAfter : notAfter - life * firstShare * 2 ** -stage;
  return { stage, isExpired: false, nextAt: Math.ceil(nextAt) };
}
