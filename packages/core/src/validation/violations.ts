import { create } from "@bufbuild/protobuf";
import { BadRequestSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { CoreErrors } from "../core-errors.js";
import { detail, type RpcError } from "../rpc-error.js";

/** The rule that a value breaks, as clients see it in `BadRequest.FieldViolation.reason`. */
export type Reason = "REQUIRED" | "MIN_LEN" | "MAX_LEN" | "MIN" | "MAX" | "MIN_ITEMS" | "MAX_ITEMS" | "PATTERN";

interface Violation {
  readonly field: string;
  readonly reason: Reason;
  readonly description: string;
}

/** So many are also told in the error's message; the detail has all of them. */
const told = 3;
/** Keys of a map come from the caller and may be of any length. */
const longestKey = 64;

/** What is wrong with one request, up to a limit, and where in it the check is. */
export class Violations {
  readonly #limit: number;
  readonly #list: Violation[] = [];
  // One stack for the whole walk, so that a valid request builds no paths.
  readonly #path: (string | number | bigint)[] = [];
  readonly #keys: boolean[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get any(): boolean {
    return this.#list.length > 0;
  }

  /** Nothing more is taken, so the walk may end. */
  get full(): boolean {
    return this.#list.length >= this.#limit;
  }

  enter(field: string): void {
    this.#path.push(field);
    this.#keys.push(false);
  }

  /** An index of a list, or a key of a map. */
  enterEntry(key: string | number | bigint): void {
    this.#path.push(key);
    this.#keys.push(true);
  }

  leave(): void {
    this.#path.pop();
    this.#keys.pop();
  }

  /** The value here breaks a rule; the description continues "the field …". */
  add(reason: Reason, description: string): void {
    if (!this.full) this.#list.push({ field: this.#here(), reason, description });
  }

  error(): RpcError {
    const some = this.#list.slice(0, told).map(({ field, description }) => `${field} ${description}`);
    if (this.#list.length > told) some.push(`and ${this.#list.length - told} more`);
    const badRequest = create(BadRequestSchema, { fieldViolations: this.#list });
    return CoreErrors.INVALID_REQUEST(
      { violations: some.join("; ") },
      { details: [detail(BadRequestSchema, badRequest)] },
    );
  }

  #here(): string {
    let text = "";
    this.#path.forEach((segment, at) => {
      if (this.#keys[at] === true) text += `[${typeof segment === "string" ? quoted(segment) : segment}]`;
      else text += text === "" ? String(segment) : `.${segment}`;
    });
    return text;
  }
}

function quoted(key: string): string {
  return JSON.stringify(key.length > longestKey ? `${key.slice(0, longestKey)}…` : key);
}
