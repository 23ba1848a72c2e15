import { create, type DescField, ScalarType } from "@bufbuild/protobuf";
import { CoreErrors, detail, type RpcError } from "@sampan/core";
import { BadRequestSchema } from "@sampan/protos/google/rpc/error_details_pb.js";

/**
 * One field that is wrong, named and described as the validation of core does: its path in JSON names
 * (`lines[3].unitPrice`, `labels["a"]`), or as the client wrote it if it is unknown; the description continues it.
 */
export interface Violation {
  readonly field: string;
  readonly reason: ViolationReason;
  readonly description: string;
}

/** `TWICE`: given more than once. `CONFLICT`: contradicts another part of the request. */
export type ViolationReason = "TYPE" | "UNKNOWN" | "TWICE" | "CONFLICT" | "ENCODING";

/** What is wrong, without where. */
export type Flaw = Omit<Violation, "field">;

export function flaw(reason: ViolationReason, description: string): Flaw {
  return { reason, description };
}

/** More than these are not looked for: the client corrects them and tries again. */
export const maxViolations = 20;

/** So many are also told in the error's message. */
const told = 3;

/** `INVALID_REQUEST` with a `google.rpc.BadRequest` that names every field. */
export function invalidRequest(violations: readonly Violation[]): RpcError {
  const named = violations.slice(0, maxViolations).map((each) => ({ ...each, field: shorten(each.field) }));
  const some = named.slice(0, told).map(({ field, description }) => `${field} ${description}`.trimStart());
  if (named.length > told) some.push(`and ${named.length - told} more`);
  return CoreErrors.INVALID_REQUEST(
    { violations: some.join("; ") },
    { details: [detail(BadRequestSchema, create(BadRequestSchema, { fieldViolations: named }))] },
  );
}

/** An entry of a map: text keys in quotes. */
export function entryName(map: string, key: string, field: DescField): string {
  const text = field.fieldKind === "map" && field.mapKey === ScalarType.STRING;
  return `${map}[${text ? JSON.stringify(shorten(key)) : shorten(key)}]`;
}

/** What a client sent and an error repeats: not longer than a line. */
export function shorten(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
