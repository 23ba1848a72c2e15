import { create } from "@bufbuild/protobuf";
import { CoreErrors, detail, type RpcError } from "@sampan/core";
import { BadRequestSchema } from "@sampan/protos/google/rpc/error_details_pb.js";

/** One field that is wrong: its path in proto names (`lines[3].quantity`), or as the client wrote it if unknown. */
export interface Violation {
  readonly field: string;
  readonly description: string;
}

/** More than these are not looked for: the client corrects them and tries again. */
export const maxViolations = 16;

/** `INVALID_REQUEST` with a `google.rpc.BadRequest` that names every field. */
export function invalidRequest(violations: readonly Violation[]): RpcError {
  const named = violations
    .slice(0, maxViolations)
    .map(({ field, description }) => ({ field: shorten(field), description }));
  const text = named
    .map(({ field, description }) => (field === "" ? description : `${field}: ${description}`))
    .join("; ");
  return CoreErrors.INVALID_REQUEST(
    { violations: text },
    { details: [detail(BadRequestSchema, create(BadRequestSchema, { fieldViolations: named }))] },
  );
}

/** What a client sent and an error repeats: not longer than a line. */
export function shorten(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}...`;
}
