import type { MakeGuard } from "../guard.js";

/**
 * One section of a rule, such as `breaker`, as data. The JSON Schema, the reference page, the validator and the
 * normaliser are all driven by it, so none of them can disagree with another.
 *
 * `P` is the normalised policy that a guard gets: every field under its `as` name, in base units.
 */
export interface SectionSpec<P = unknown> {
  /** The key in a rule: `breaker`. */
  readonly name: string;
  /** One line. */
  readonly doc: string;
  /** Where it may act. The first is the default; with more than one, the section takes a field `side`. */
  readonly sides: readonly [Side, ...Side[]];
  readonly fields: Fields;
  /** The field that a value stands for which is no map: `timeout: 800ms` is `timeout: { request: 800ms }`. */
  readonly short?: string;
  /** Of each of these groups exactly one field must be written. */
  readonly exactlyOne?: readonly (readonly string[])[];
  /**
   * What no single field can say: minimum above maximum, a wait longer than the timeout. `others` holds the other
   * sections of the same rule, normalised, by name. Called only when every field by itself is right.
   */
  check?(policy: P, others: Readonly<Record<string, unknown>>): readonly SectionProblem[];
  /**
   * Whether it is decided for a service as a whole rather than for each call, because it acts where an instance is
   * chosen. The rule of such a section may match services only.
   */
  perService?(policy: P): boolean;
  /** How far one guard's state reaches. Default: one guard for each rule, shared by all methods that it matches. */
  scope?(policy: P): SectionScope;
}

export type Side = "client" | "server";

/** Guards that go by keys (tenant, user, a field of the request) keep the keys by themselves. */
export interface SectionScope {
  /** `method`: each method has a guard of its own; `rule`: all methods that the rule matches share one; `service`: each service. */
  readonly over: "method" | "rule" | "service";
}

export interface SectionProblem {
  /** From the section down, in the names of the human form: `["backoff", "max"]`. */
  readonly path: readonly (string | number)[];
  readonly why: string;
  readonly fix: string;
}

export type Fields = Readonly<Record<string, FieldSpec>>;

interface FieldBasics {
  /** One line. */
  readonly doc: string;
  /** The name in the normalised policy when it differs: `as: "timeoutMs"`. */
  readonly as?: string;
  /** Must be written. A field that is neither required nor has a default is left out of the policy when not written. */
  readonly required?: boolean;
}

/**
 * Kinds of fields. `default`, `min` and `max` are in the human form (`"500ms"`, `"25%"`); `min` and `max` are both
 * included.
 *
 * | kind | written as | in the policy |
 * |---|---|---|
 * | duration | `500ms`, `1m30s`, `0` | ms |
 * | size | `16MB`, `64KiB`, `512` | bytes |
 * | ratio | `25%` or 0.25 | 0.25 |
 * | rate | `500/s`, `30000/m`, `1/5s`, or 500 | calls per second |
 * | integer, number, boolean, text | as in JSON | the same |
 * | choice | one of the listed words | the same |
 * | list | a list; a single value counts as a list of one | array |
 * | map | names to values | object |
 * | object | a map of fields of its own | object, under the `as` names |
 * | json | anything | the same |
 */
export type FieldSpec =
  | (FieldBasics & { readonly kind: "duration" | "size"; readonly default?: string } & Range<string>)
  | (FieldBasics & { readonly kind: "ratio" | "rate"; readonly default?: string } & Range<string>)
  | (FieldBasics & { readonly kind: "integer" | "number"; readonly default?: number } & Range<number>)
  | (FieldBasics & { readonly kind: "boolean"; readonly default?: boolean })
  | (FieldBasics & {
      readonly kind: "text";
      readonly default?: string;
      /** A whole value: anchored with ^ and $. */
      readonly pattern?: string;
      /** What the pattern means, for the error: `a topic such as order.created`. */
      readonly patternMeans?: string;
      /** In characters. Default 256. */
      readonly maxLength?: number;
    })
  | (FieldBasics & { readonly kind: "choice"; readonly of: readonly string[]; readonly default?: string })
  | (FieldBasics & {
      readonly kind: "list";
      readonly items: FieldSpec;
      readonly default?: readonly unknown[];
      readonly minItems?: number;
      /** Default 100. */
      readonly maxItems?: number;
    })
  | (FieldBasics & {
      readonly kind: "map";
      readonly values: FieldSpec;
      readonly default?: Readonly<Record<string, unknown>>;
      /** Default 100. */
      readonly maxItems?: number;
    })
  | (FieldBasics & {
      readonly kind: "object";
      readonly fields: Fields;
      readonly short?: string;
      readonly exactlyOne?: readonly (readonly string[])[];
      /** `{}` fills it from the defaults of its fields; left out, an object that is not written is absent. */
      readonly default?: Readonly<Record<string, unknown>>;
    })
  | (FieldBasics & { readonly kind: "json"; readonly default?: unknown });

interface Range<T> {
  readonly min?: T;
  readonly max?: T;
}

/**
 * A section and the guard that enforces it: what the index of each folder exports for the stack, such as `timeoutKind`.
 * The stack may wrap one method more than once with the same guard, because what lies inside it can differ by tenant
 * or after a reload: state belongs to the guard, never to what `wrap` returns.
 */
export interface GuardKind<P> {
  readonly section: SectionSpec<P>;
  readonly make: MakeGuard<P>;
}
