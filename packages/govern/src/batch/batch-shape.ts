import { Code, type Method, methods, newMessage, RpcError } from "@sampan/core";
import { BatchErrors } from "./error.js";

/** How requests of a method go into one request of its batch method, and the answer comes apart again. */
export interface BatchShape {
  readonly method: Method;
  /** What the contract allows at most; infinite when it sets no limit. */
  readonly maxItems: number;
  join(requests: readonly unknown[]): unknown;
  /** One response or error for each request, in their order. Throws `BATCH_BROKEN` for an answer that does not fit. */
  split(response: unknown, sent: number): readonly unknown[];
}

/** A response's part that failed. */
interface Status {
  readonly code: number;
  readonly message: string;
  readonly details: RpcError["details"];
}

/** Read from the contract (`sampan.v1.BatchRules`). A string says why calls of the method cannot be made together. */
export function batchShape(method: Method): BatchShape | string {
  const { batch } = method;
  if (batch === undefined) return `the contract of ${method.name} names no batch method`;
  if (method.kind !== "unary") return `${method.name} is a stream`;
  const found = methods(method.desc.parent).find(({ name }) => name === batch.method);
  if (found === undefined) return `${method.service} has no method ${batch.method}`;
  if (found.kind !== "unary") return `${batch.method} is a stream`;
  const requests = repeated(found.input, batch.requestsField, method.input.typeName);
  const responses = repeated(found.output, batch.responsesField, method.output.typeName);
  if (requests === undefined) return `${batch.method} has no requests ${batch.requestsField} of its own`;
  if (responses === undefined) return `${batch.method} has no responses ${batch.responsesField} of its own`;
  const errors = repeated(found.output, batch.errorsField, "google.rpc.Status");
  if (batch.errorsField !== "" && errors === undefined) {
    return `${batch.errorsField} of ${batch.method} is no list of google.rpc.Status`;
  }
  const broken = (what: string): RpcError => BatchErrors.BATCH_BROKEN({ method: found.path, what });
  return {
    method: found,
    maxItems: batch.maxItems > 0 ? batch.maxItems : Number.POSITIVE_INFINITY,
    join: (list: readonly unknown[]): unknown => newMessage(found.input, { [requests]: list }),
    split(response: unknown, sent: number): readonly unknown[] {
      const answers = (response as Record<string, readonly unknown[]>)[responses] ?? [];
      const statuses = errors === undefined ? [] : ((response as Record<string, readonly Status[]>)[errors] ?? []);
      if (statuses.length !== 0 && statuses.length !== sent) {
        throw broken(`${statuses.length} statuses for ${sent} requests`);
      }
      if (answers.length !== sent) throw broken(`${answers.length} responses for ${sent} requests`);
      return answers.map((answer, i) => {
        const status = statuses[i];
        return status === undefined || status.code === 0 ? answer : errorOf(status);
      });
    },
  };
}

function errorOf({ code, message, details }: Status): RpcError {
  return new RpcError(codes.has(code) ? (code as Code) : Code.Unknown, message, { details });
}

const codes: ReadonlySet<number> = new Set(Object.values(Code).filter((code) => typeof code === "number"));

/** The local name of a field that repeats a message. */
function repeated(message: Method["input"], name: string, typeName: string): string | undefined {
  const field = message.fields.find((each) => each.name === name);
  if (field?.fieldKind !== "list" || field.listKind !== "message") return undefined;
  return field.message.typeName === typeName ? field.localName : undefined;
}
