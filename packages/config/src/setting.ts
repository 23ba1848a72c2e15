/** How a raw value came: `typed` was set in code, `data` is from a JSON-like file, `text` from a flag or a variable. */
export type RawForm = "typed" | "data" | "text";

/** A value that was understood, or what is wrong with it: a phrase that follows the value, such as `is more than 10`. */
export type Reading<T> = { readonly value: T } | { readonly problem: string };

/**
 * One setting: what it accepts, and how its raw value becomes a `T`. Made by `duration()`, `integer()`, … and never
 * holds a value itself. `read` neither throws nor looks at anything but its arguments.
 */
export interface Setting<T> {
  /** `duration`, `integer`, … */
  readonly kind: string;
  /** What the setting is for, in a line. */
  readonly doc: string;
  /** What is accepted, for a sentence that begins with "give": `a duration from 1m to 24h`. */
  readonly accepts: string;
  /** Never shown, and only taken from the environment, a file of its own, or code. */
  readonly secret: boolean;
  /** Whether a new value takes effect while the process runs; of any other at the next start. */
  readonly live: boolean;
  /** The value when no source has one; undefined when a source must have one. */
  readonly fallback: { readonly value: T } | undefined;
  read(raw: unknown, form: RawForm): Reading<T>;
  /** As a person would write it. */
  show(value: T): string;
  /** Text that was given for the setting, without what must not be seen. */
  conceal(text: string): string;
}

/** What every kind of setting can be given. */
export interface SettingOptions<D> {
  /** What the setting is for, in a line. */
  readonly doc?: string;
  /** The value when no source has one; without it some source must. */
  readonly default?: D;
  /** The code that has the setting reads it anew, or watches it. Default false. */
  readonly live?: boolean;
}

/** What a kind says of itself; the rest is filled in. */
export interface SettingKind<T> {
  readonly kind: string;
  readonly accepts: string;
  readonly read: (raw: unknown, form: RawForm) => Reading<T>;
  readonly show?: (value: T) => string;
  readonly conceal?: (text: string) => string;
  readonly secret?: boolean;
}

/** Joins a kind and its options. Throws `TypeError` for a default that the setting itself would refuse. */
export function makeSetting<T, D>(kind: SettingKind<T>, options: SettingOptions<D>): Setting<T> {
  const show = kind.show ?? String;
  let fallback: { readonly value: T } | undefined;
  if (options.default !== undefined) {
    const reading = kind.read(options.default, "typed");
    if ("problem" in reading) {
      throw new TypeError(`the default ${JSON.stringify(options.default)} ${reading.problem}: give ${kind.accepts}`);
    }
    fallback = reading;
  }
  return {
    kind: kind.kind,
    doc: options.doc ?? "",
    accepts: kind.accepts,
    secret: kind.secret ?? false,
    live: options.live ?? false,
    fallback,
    read: kind.read,
    show,
    conceal: kind.conceal ?? ((text) => text),
  };
}
