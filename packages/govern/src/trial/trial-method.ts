import type { Method } from "@sampan/core";
import type { RecordedCall } from "../recorder/index.js";

/**
 * The method of a recorded call: the contract's own when it is known, as a unary one, because a recording has the start
 * and end of a stream only. Of a contract that is not known only the name is there.
 */
export function trialMethod(recorded: RecordedCall, known: Method | undefined): Method {
  const slash = recorded.method.indexOf("/");
  const service = recorded.method.slice(0, slash);
  const name = recorded.method.slice(slash + 1);
  const unary = { kind: "unary", clientStreams: false, serverStreams: false, idempotent: recorded.idempotent } as const;
  if (known !== undefined) return { ...known, ...unary };
  const message = { kind: "message", typeName: "", name: "", fields: [], field: {} } as unknown as Method["input"];
  return {
    ...unary,
    service,
    name,
    path: `/${recorded.method}`,
    localName: name,
    input: message,
    output: message,
    access: 0,
    timeoutMs: 0,
    batch: undefined,
    desc: { name } as Method["desc"],
  };
}
