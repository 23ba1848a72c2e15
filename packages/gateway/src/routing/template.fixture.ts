import fc from "fast-check";
import { rest, type Segment, star } from "./template.js";

export interface WrittenTemplate {
  readonly text: string;
  readonly segments: readonly Segment[];
  readonly verb: string;
  /** Names, in order. */
  readonly variables: readonly string[];
}

const word = fc.constantFrom("a", "b", "c");

/** Templates written from the grammar, over so few words that they often overlap. */
export function templateText(): fc.Arbitrary<WrittenTemplate> {
  const segment: fc.Arbitrary<Segment> = fc.oneof(
    { weight: 3, arbitrary: word.map((literal) => ({ literal })) },
    { weight: 2, arbitrary: fc.constant(star) },
  );
  return fc
    .record({
      fixed: fc.array(segment, { maxLength: 4 }),
      open: fc.boolean(),
      verb: fc.constantFrom("", "", "go", "stop"),
      // Where variables begin, and how many segments each takes.
      cuts: fc.array(fc.record({ skip: fc.nat(2), take: fc.integer({ min: 1, max: 2 }), bare: fc.boolean() }), {
        maxLength: 2,
      }),
    })
    .filter(({ fixed, open }) => fixed.length > 0 || open)
    .map(({ fixed, open, verb, cuts }) => write(open ? [...fixed, rest] : fixed, verb, cuts));
}

type Cut = { readonly skip: number; readonly take: number; readonly bare: boolean };

function write(segments: readonly Segment[], verb: string, cuts: readonly Cut[]): WrittenTemplate {
  const parts: string[] = [];
  const variables: string[] = [];
  let at = 0;
  for (const { skip, take, bare } of cuts) {
    parts.push(...segments.slice(at, at + skip).map(textOf));
    at += skip;
    const covered = segments.slice(at, at + take);
    if (covered.length === 0) break;
    at += take;
    const name = `f${variables.length}.x_y`;
    variables.push(name);
    const short = bare && covered.length === 1 && covered[0] === star;
    parts.push(short ? `{${name}}` : `{${name}=${covered.map(textOf).join("/")}}`);
  }
  parts.push(...segments.slice(at).map(textOf));
  return { text: `/${parts.join("/")}${verb === "" ? "" : `:${verb}`}`, segments, verb, variables };
}

function textOf(segment: Segment): string {
  return typeof segment === "string" ? segment : segment.literal;
}
