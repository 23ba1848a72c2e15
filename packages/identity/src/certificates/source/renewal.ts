/** Half of a life. */
const share = 0.5;
/** Many that have started together do not renew together. */
const jitter = 0.1;

/**
 * When a certificate is to be renewed: at half of its life, give or take a tenth of that. `madeAt` is when it was made, which is
 * later than it says: of a life of seconds, the time that it is dated back is more than half. `random` is from 0 to 1.
 */
export function renewAt(madeAt: number, notAfter: number, random: number): number {
  const half = (notAfter - madeAt) * share;
  return Math.round(madeAt + half * (1 + jitter * (2 * random - 1)));
}
