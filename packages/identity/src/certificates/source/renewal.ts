/** Half of a life. */
const share = 0.5;
/** Many that have started together do not renew together. */
const jitter = 0.1;

/** When a certificate is to be renewed: at half of its life, give or take a tenth of that. `random` is from 0 to 1. */
export function renewAt(notBefore: number, notAfter: number, random: number): number {
  const half = (notAfter - notBefore) * share;
  return Math.round(notBefore + half * (1 + jitter * (2 * random - 1)));
}
