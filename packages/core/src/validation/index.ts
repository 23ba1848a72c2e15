import type { Handler, Layer } from "../handler.js";
import { mapStream } from "../streams.js";
import { compileRules } from "./compile.js";
import { Violations } from "./violations.js";

export interface ValidationOptions {
  /** After so many violations of a request the check stops. Default 20. */
  readonly maxViolations?: number;
}

/**
 * A server layer that checks requests against the rules of their contract (`sampan.v1.field`) before the handler sees
 * them. Violations are collected and thrown together, as `INVALID_REQUEST` with a `google.rpc.BadRequest` detail whose
 * fields are named as in JSON: `lines[3].quantity`. A stream is checked message by message, and fails at the first that
 * is not valid.
 *
 * The rules are compiled once for each method, when the process starts; a rule that cannot be throws `TypeError` then.
 * A method whose messages have no rules costs nothing.
 *
 * Rules inside a message, an `optional` field or a oneof hold when it is set; those of any other field always hold, so
 * `min_len: 1` refuses the empty text. Each entry of a list or map keeps the rules of its field but for those about the
 * number of entries and `required`, which are about the list or map.
 */
export function validation({ maxViolations = 20 }: ValidationOptions = {}): Layer {
  return (next, method): Handler => {
    const rules = compileRules(method.input);
    if (rules === undefined) return next;
    const check = (message: unknown): unknown => {
      const found = new Violations(maxViolations);
      rules(message, found);
      if (found.any) throw found.error();
      return message;
    };
    if (method.clientStreams) return (requests, call) => next(mapStream(requests, check), call);
    return (request, call) => next(check(request), call);
  };
}
