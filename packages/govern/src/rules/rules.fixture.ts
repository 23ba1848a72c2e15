import type { Call, Handler, Method } from "@sampan/core";
import type { Enforcement, Guard, GuardContext } from "../guard.js";
import type { GuardKind, SectionSpec } from "./section.js";
import type { Stack } from "./stack/element.js";

/** Sections with every kind of field, for tests of what reads them. */
export interface TeaPolicy {
  readonly brewMs: number;
  readonly cups: number;
  readonly sweet: number;
  readonly kind: string;
  readonly guests: readonly string[];
  readonly weights: Readonly<Record<string, number>>;
  readonly pot?: { readonly bytes: number; readonly lid: boolean };
  readonly extra?: unknown;
  readonly perSecond?: number;
}

const teaSection: SectionSpec<TeaPolicy> = {
  name: "tea",
  doc: "How tea is made.",
  sides: ["server", "client"],
  short: "brew",
  fields: {
    brew: { kind: "duration", as: "brewMs", required: true, min: "1s", max: "10m", doc: "How long it brews." },
    cups: { kind: "integer", default: 2, min: 1, max: 12, doc: "How many." },
    sweet: { kind: "ratio", default: "10%", doc: "How sweet." },
    kind: { kind: "choice", of: ["green", "oolong", "black"], default: "green", doc: "Which." },
    guests: {
      kind: "list",
      default: [],
      maxItems: 3,
      items: { kind: "text", pattern: "^[a-z]+$", doc: "A name." },
      doc: "Who.",
    },
    weights: {
      kind: "map",
      default: {},
      maxItems: 2,
      values: { kind: "number", min: 0, max: 5, doc: "g" },
      doc: "Leaves.",
    },
    pot: {
      kind: "object",
      doc: "The pot.",
      fields: {
        size: { kind: "size", as: "bytes", required: true, min: "1KB", doc: "How large." },
        lid: { kind: "boolean", default: true, doc: "With a lid." },
      },
    },
    extra: { kind: "json", doc: "Anything." },
    pour: { kind: "rate", as: "perSecond", max: "100/s", doc: "How fast." },
  },
  check: ({ cups, guests }) =>
    guests.length > cups ? [{ path: ["guests"], why: "there are more guests than cups", fix: "raise cups" }] : [],
};

/** Refuses nothing, and counts what it sees. */
const limitLike: SectionSpec<{ readonly rate: number }> = {
  name: "limit",
  doc: "A limit.",
  sides: ["server"],
  fields: { rate: { kind: "rate", required: true, doc: "Calls per second." } },
};

const exclusiveSection: SectionSpec<{ readonly a?: boolean; readonly b?: boolean }> = {
  name: "either",
  doc: "One of two.",
  sides: ["client"],
  exactlyOne: [["a", "b"]],
  fields: { a: { kind: "boolean", doc: "This." }, b: { kind: "boolean", doc: "That." } },
};

export const testSections: readonly SectionSpec[] = [teaSection, limitLike, exclusiveSection] as readonly SectionSpec[];

/** A guard that writes down what it is told. */
export class NotingGuard implements Guard<unknown> {
  readonly seen: string[];
  readonly context: GuardContext;
  policy: unknown;
  enforcement: Enforcement;
  calls = 0;
  closed = false;

  constructor(policy: unknown, enforcement: Enforcement, context: GuardContext, seen: string[]) {
    this.policy = policy;
    this.enforcement = enforcement;
    this.context = context;
    this.seen = seen;
  }

  wrap(next: Handler, _method: Method): Handler {
    return (request: unknown, call: Call) => {
      this.calls++;
      this.seen.push(`${this.context.rule}${this.enforcement === "shadow" ? " (shadow)" : ""}`);
      return next(request, call);
    };
  }
  reload(policy: unknown, enforcement: Enforcement): void {
    this.policy = policy;
    this.enforcement = enforcement;
    this.seen.push(`reload ${this.context.rule}`);
  }
  state() {
    return { calls: this.calls };
  }
  close(): void {
    this.closed = true;
    this.seen.push(`close ${this.context.rule}`);
  }
}

/** Guards of three sections that note in which order calls pass them: `tea` on both sides, `either` on the client. */
export function notingStack(seen: string[]): { readonly stack: Stack; readonly guards: NotingGuard[] } {
  const guards: NotingGuard[] = [];
  const kind = <P>(section: SectionSpec<P>): GuardKind<P> => ({
    section,
    make(policy, enforcement, context) {
      const guard = new NotingGuard(policy, enforcement, context, seen);
      guards.push(guard);
      return guard;
    },
  });
  const tea = { name: "tea", kind: kind(teaSection) };
  const limit = {
    name: "limit",
    kind: kind(limitLike),
    misfit: (_: unknown, method: Method) => (method.clientStreams ? "it streams" : undefined),
  };
  const either = { name: "either", kind: kind({ ...exclusiveSection, scope: () => ({ over: "method" }) }) };
  return { stack: { client: [either, tea], server: [tea, limit] }, guards };
}

/** One guard on the client that reports a refusal and an event of each call, and lets it through. */
export function refusingStack(): { readonly stack: Stack } {
  const section: SectionSpec<TeaPolicy> = { ...teaSection, sides: ["client"] };
  const make: GuardKind<TeaPolicy>["make"] = (_policy, _enforcement, { report }) => ({
    wrap: (next) => (request, call) => {
      report.refused("full");
      report.happened("poured", call);
      return next(request, call);
    },
    reload: () => {},
    state: () => ({}),
    close: () => {},
  });
  return { stack: { client: [{ name: "tea", kind: { section, make } }], server: [] } };
}

/** Outside a guard that answers failures, inside one that writes down how calls ended. */
export function answeringStack(outcomes: string[]): Stack {
  const still = { reload: () => {}, state: () => ({}), close: () => {} };
  const answers: GuardKind<unknown> = {
    section: exclusiveSection as SectionSpec,
    make: () => ({
      ...still,
      wrap: (next) => (request, call) => Promise.resolve(next(request, call)).catch(() => ({ text: "instead" })),
    }),
  };
  const watches: GuardKind<TeaPolicy> = {
    section: teaSection,
    make: () => ({
      ...still,
      wrap: (next) => (request, call) => {
        call.onSettle((error) => void outcomes.push(error === undefined ? "ok" : "failed"));
        return next(request, call);
      },
    }),
  };
  return {
    client: [
      { name: "either", kind: answers, answersFailures: true },
      { name: "tea", kind: watches },
    ],
    server: [],
  };
}
