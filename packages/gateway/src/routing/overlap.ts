import { rest, type Segment, star, type Template } from "./template.js";

/**
 * How the paths of two templates lie to each other. `crossing` means that some path belongs to both and neither is
 * the narrower one, as with `/v1/{a}/x` and `/v1/b/{c}`: which of them is meant would be a guess.
 */
export type Overlap = "disjoint" | "same" | "narrower" | "wider" | "crossing";

/** Templates with different verbs are disjoint: a path that ends in `:verb` goes to the template with the verb first. */
export function overlap(a: Template, b: Template): Overlap {
  if (a.verb !== b.verb || !meet(a.segments, b.segments)) return "disjoint";
  const narrower = within(a.segments, b.segments);
  const wider = within(b.segments, a.segments);
  if (narrower) return wider ? "same" : "narrower";
  return wider ? "wider" : "crossing";
}

function meet(a: readonly Segment[], b: readonly Segment[]): boolean {
  const [fixedA, fixedB] = [fixedLength(a), fixedLength(b)];
  if (a.at(-1) !== rest && fixedA < fixedB) return false;
  if (b.at(-1) !== rest && fixedB < fixedA) return false;
  for (let i = 0; i < Math.min(fixedA, fixedB); i++) {
    const [x, y] = [a[i] as Segment, b[i] as Segment];
    if (x !== star && y !== star && literal(x) !== literal(y)) return false;
  }
  return true;
}

/** Whether every path of `inner` is one of `outer`. */
function within(inner: readonly Segment[], outer: readonly Segment[]): boolean {
  const [fixedInner, fixedOuter] = [fixedLength(inner), fixedLength(outer)];
  const open = outer.at(-1) === rest;
  if (open ? fixedInner < fixedOuter : inner.at(-1) === rest || fixedInner !== fixedOuter) return false;
  for (let i = 0; i < fixedOuter; i++) {
    const [x, y] = [inner[i] as Segment, outer[i] as Segment];
    if (y !== star && (x === star || literal(x) !== literal(y))) return false;
  }
  return true;
}

function fixedLength(segments: readonly Segment[]): number {
  return segments.at(-1) === rest ? segments.length - 1 : segments.length;
}

function literal(segment: Segment): string {
  return typeof segment === "string" ? segment : segment.literal;
}
