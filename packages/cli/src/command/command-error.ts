/** Something a person at the terminal can put right: printed as a message and what to do, without a stack. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly fix: string;
  /** Exit status of the process. */
  readonly status: number;

  constructor(message: string, fix = "", status = 1) {
    super(message);
    this.fix = fix;
    this.status = status;
  }
}
