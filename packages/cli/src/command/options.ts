import { parseArgs } from "node:util";
import { CommandError } from "./command-error.js";

/** What a command takes: names with their type. One with `multiple` may be given again and again. */
export type OptionShape = Readonly<Record<string, OptionKind>>;

export interface OptionKind {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: true;
}

type OptionValue<K extends OptionKind> = K["type"] extends "boolean"
  ? boolean
  : K["multiple"] extends true
    ? readonly string[]
    : string;

/** The values of options, and what is not an option. */
export interface ParsedOptions<S extends OptionShape> {
  readonly values: { readonly [K in keyof S]?: OptionValue<S[K]> };
  readonly positionals: readonly string[];
}

/** Throws `CommandError`, with where to find help, for an option that the command does not have. */
export function readOptions<const S extends OptionShape>(
  command: string,
  argv: readonly string[],
  shape: S,
): ParsedOptions<S> {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: shape,
      allowPositionals: true,
      strict: true,
    });
    return { values: values as ParsedOptions<S>["values"], positionals };
  } catch (error) {
    throw new CommandError((error as Error).message, `sampan ${command} --help lists what it takes`, 2);
  }
}

/** A whole number within limits. Throws `CommandError`. */
export function integerOption(
  name: string,
  text: string | undefined,
  fallback: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new CommandError(`--${name} ${text} is not a whole number from ${min} to ${max}`, "", 2);
  }
  return value;
}
