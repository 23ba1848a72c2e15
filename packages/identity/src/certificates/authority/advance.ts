import { type AuthorityState, type Lives, longestSvidMs, type SigningAuthority } from "./authority-state.js";
import type { Mint } from "./mint.js";

export interface AdvanceOptions {
  /** Brings a new root into the bundle now, whatever the age of the last one. */
  readonly rotateRoot?: boolean;
}

/**
 * What an authority looks like at a time: new roots and intermediates where they are due, old ones gone where nothing
 * that they have signed can still be valid. The same object when nothing changes. A decider: keys come out of `mint`.
 *
 * A root is in the bundle `overlapMs` before it signs, and stays until the last certificate below it has expired. A
 * successor is made at half of a life, so that everything signed has the time to live its own.
 */
export function advance(
  state: AuthorityState,
  now: number,
  mint: Mint,
  { rotateRoot = false }: AdvanceOptions = {},
): AuthorityState {
  const { lives } = state;
  let roots = state.roots;
  const newest = roots.at(-1);
  const isOld = newest === undefined || now >= halfLife(newest);
  const isWaiting = newest !== undefined && newest.signsFrom > now;
  if (isOld || (rotateRoot && !isWaiting)) {
    // The first one has nobody to wait for, and neither has one that follows a root that has expired.
    const isAlone = newest === undefined || newest.notAfter <= now;
    roots = [...roots, mint.root(state.trustDomain, now, now + lives.rootMs, isAlone ? now : now + lives.overlapMs)];
  }
  // One whose predecessor has expired while it waited signs at once.
  const root = signing(roots, now) ?? (roots.at(-1) as SigningAuthority);
  roots = roots.map((each) => (each !== root && each.signsFrom < root.signsFrom ? retired(each, now) : each));
  let intermediates = state.intermediates;
  const last = intermediates.at(-1);
  if (last === undefined || last.root !== root.serial || now >= halfLife(last)) {
    const notAfter = Math.min(now + lives.intermediateMs, root.notAfter);
    intermediates = [
      ...intermediates.map((each) => retired(each, now)),
      mint.intermediate(state.trustDomain, root, now, notAfter),
    ];
  }
  intermediates = intermediates.filter((each) => now < goneAt(each, lives));
  const needed = new Set(intermediates.map((each) => each.root));
  roots = roots.filter((each) => each.retiredAt === undefined || needed.has(each.serial));
  const revokedSerials = state.revokedSerials.filter(({ forgetAt }) => now < forgetAt);
  const revokedIds = state.revokedIds.filter(({ at, blocked }) => blocked || now < at + longestSvidMs(lives));
  const rootsChanged = !sameList(roots, state.roots, (a, b) => a.serial === b.serial);
  const listsChanged =
    revokedSerials.length !== state.revokedSerials.length || revokedIds.length !== state.revokedIds.length;
  const changed =
    listsChanged ||
    !sameList(roots, state.roots, (a, b) => a === b) ||
    !sameList(intermediates, state.intermediates, (a, b) => a === b);
  if (!changed) return state;
  return {
    ...state,
    revision: state.revision + 1,
    sequence: state.sequence + (rootsChanged ? 1 : 0),
    roots,
    intermediates,
    listNumber: state.listNumber + (listsChanged ? 1 : 0),
    revokedSerials,
    revokedIds,
  };
}

/** When `advance` has something to do next, ms since the epoch. */
export function nextAdvance({ roots, intermediates, lives }: AuthorityState): number {
  const newestRoot = roots.at(-1) as SigningAuthority;
  const newest = intermediates.at(-1) as SigningAuthority;
  const times = [halfLife(newestRoot), halfLife(newest), ...intermediates.map((each) => goneAt(each, lives))];
  if (newestRoot.serial !== newest.root) times.push(newestRoot.signsFrom);
  return Math.min(...times);
}

/** The one that signs at a time: the newest that may. */
export function signing(authorities: readonly SigningAuthority[], now: number): SigningAuthority | undefined {
  return authorities.findLast(({ signsFrom, notAfter }) => signsFrom <= now && now < notAfter);
}

function halfLife({ notBefore, notAfter }: SigningAuthority): number {
  return notBefore + (notAfter - notBefore) / 2;
}

/** Nothing that it has signed is valid any more. */
function goneAt({ notAfter, retiredAt }: SigningAuthority, lives: Lives): number {
  return retiredAt === undefined ? notAfter : Math.min(notAfter, retiredAt + longestSvidMs(lives));
}

function retired(authority: SigningAuthority, now: number): SigningAuthority {
  return authority.retiredAt === undefined ? { ...authority, retiredAt: now } : authority;
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((each, index) => same(each, b[index] as T));
}
