/** One word after `sampan`. */
export interface Command {
  readonly name: string;
  /** A line for the list of commands. */
  readonly summary: string;
  /** Everything about it, for `--help`. */
  readonly help: string;
  /** Resolves with the exit status. Throws `CommandError` for what the person can put right. */
  run(argv: readonly string[]): Promise<number>;
}
