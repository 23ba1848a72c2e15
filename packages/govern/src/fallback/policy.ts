import type { SectionProblem, SectionSpec } from "../rules/section.js";
import { statusWords } from "../status-words.js";

export interface LastGoodPolicy {
  /** An older answer is not given. */
  readonly maxAgeMs: number;
  /** An answer that is kept is not replaced before this. */
  readonly refreshMs: number;
  readonly maxEntries: number;
  readonly maxBytes: number;
  /** Fields of the request, by their names in the contract, that the answer depends on; none: the whole request. */
  readonly fields: readonly string[];
  /** The answer is the same for every user of a tenant. Otherwise each user has answers of its own. */
  readonly public: boolean;
}

export interface EnqueuePolicy {
  readonly topic: string;
  /** The response, in the JSON form of protobuf. */
  readonly answer: unknown;
}

/** What is answered instead of an error, normalised. Exactly one of `answer`, `lastGood`, `enqueue`, `method`. */
export interface FallbackPolicy {
  /** Status words (`unavailable`) and reasons (`BREAKER_OPEN`); left out: see `defaultOn`. */
  readonly on?: readonly string[];
  /** The response, in the JSON form of protobuf. */
  readonly answer?: unknown;
  readonly lastGood?: LastGoodPolicy;
  readonly enqueue?: EnqueuePolicy;
  /** Another method with the same messages: `package.Service/Method`. */
  readonly method?: string;
}

/**
 * What a fallback acts on when its rule does not say. After `deadline-exceeded` a call may have done its work, so what
 * does the work again, or later, leaves it out.
 */
export function defaultOn(policy: FallbackPolicy): readonly string[] {
  const refused = ["unavailable", "resource-exhausted"];
  return policy.enqueue === undefined && policy.method === undefined ? [...refused, "deadline-exceeded"] : refused;
}

export const fallbackSection: SectionSpec<FallbackPolicy> = {
  name: "fallback",
  doc: "What is answered when a unary call was refused or failed.",
  sides: ["server", "client"],
  exactlyOne: [["answer", "lastGood", "enqueue", "method"]],
  fields: {
    on: {
      kind: "list",
      doc: "Statuses and reasons it acts on; left out, unavailable and resource-exhausted, and deadline-exceeded for answers.",
      items: {
        kind: "text",
        doc: "A status such as unavailable, or a reason such as BREAKER_OPEN.",
        pattern: "^([a-z]+(-[a-z]+)*|[A-Z][A-Z0-9_]*)$",
        patternMeans: "a status such as unavailable, or a reason such as BREAKER_OPEN",
      },
      minItems: 1,
    },
    answer: { kind: "json", doc: "This response, in the JSON form of protobuf." },
    lastGood: {
      kind: "object",
      doc: "The last good answer to the same request, marked as stale. For idempotent methods.",
      fields: {
        maxAge: { kind: "duration", doc: "An older one is not given.", as: "maxAgeMs", default: "10m", min: "1s" },
        refresh: {
          kind: "duration",
          doc: "An answer that is kept is not replaced before this.",
          as: "refreshMs",
          default: "1s",
        },
        maxEntries: { kind: "integer", doc: "Answers kept.", default: 10_000, min: 1, max: 10_000_000 },
        maxBytes: { kind: "size", doc: "Memory for them.", default: "16MiB", min: "1KiB", max: "4GiB" },
        fields: {
          kind: "list",
          doc: "Fields of the request that the answer depends on; none: the whole request.",
          items: { kind: "text", doc: "A field such as product.id.", pattern: "^[a-z_][A-Za-z0-9_.]*$" },
          default: [],
        },
        public: {
          kind: "boolean",
          doc: "The answer is the same for every user of a tenant; otherwise each user has its own.",
          default: false,
        },
      },
    },
    enqueue: {
      kind: "object",
      doc: "The request is published to be worked on later, and this is answered.",
      fields: {
        topic: { kind: "text", doc: "Where it is published.", required: true, pattern: "^[A-Za-z0-9._-]+$" },
        answer: { kind: "json", doc: "The response, in the JSON form of protobuf.", required: true },
      },
    },
    method: {
      kind: "text",
      doc: "Another method with the same messages is called: package.Service/Method.",
      pattern: "^[A-Za-z_][A-Za-z0-9_.]*/[A-Za-z_][A-Za-z0-9_]*$",
      patternMeans: "a method such as catalog.v1.CatalogService/GetProduct",
    },
  },
  check({ on = [] }): readonly SectionProblem[] {
    return on.flatMap((word, i) =>
      /^[A-Z]/.test(word) || statusWords.includes(word)
        ? []
        : [{ path: ["on", i], why: `${word} is no status`, fix: `use one of ${statusWords.join(", ")}` }],
    );
  },
};
