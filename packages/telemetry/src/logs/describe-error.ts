import { codeName, RpcError } from "@sampan/core";

/** What a log line says of an error; `cause` and `errors` are for the encoder to go on with. */
export function describeError(error: Error): Record<string, unknown> {
  const described: Record<string, unknown> = { name: error.name, message: error.message };
  if (error instanceof RpcError) {
    const info = error.info;
    described.code = codeName(error.code);
    if (info !== undefined) {
      described.reason = `${info.domain}/${info.reason}`;
      if (Object.keys(info.metadata).length > 0) described.parameters = info.metadata;
    }
    if (error.details.length > 0) described.details = error.details.map((any) => any.typeUrl.replace(/^.*\//, ""));
  } else {
    // What libraries add: `code`, `errno`, `syscall`, `path`, …
    for (const key of Object.keys(error)) {
      if (!(key in described) && key !== "stack" && key !== "cause" && key !== "errors") {
        described[key] = (error as unknown as Record<string, unknown>)[key];
      }
    }
  }
  described.stack = error.stack;
  if (error.cause !== undefined) described.cause = error.cause;
  if (error instanceof AggregateError) described.errors = error.errors;
  return described;
}
