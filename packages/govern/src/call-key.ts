import type { Call, Method } from "@sampan/core";

/** Reads from a call the text that a limit or a cache goes by; empty when the call has none. */
export type ReadKey = (request: unknown, call: Call) => string;

/** What the rule language accepts: `tenant`, `user`, `caller`, `header:x-app`, `field:product.id`. */
export const keyPattern = "^(tenant|user|caller|header:[0-9a-z_.-]{1,64}|field:[a-z_][A-Za-z0-9_.]{0,127})$";

/**
 * The reader of a key for calls of a method. A string says why the method has no such key. Request streams have no
 * fields to read when a call begins.
 */
export function readKey(key: string, method: Method): ReadKey | string {
  if (key === "tenant") return (_, call) => call.tenant;
  if (key === "user") return (_, call) => call.user?.subject ?? "";
  if (key === "caller") return (_, call) => call.peer.identity;
  if (key.startsWith("header:")) {
    const name = key.slice(7);
    return (_, call) => call.peekMetadata()?.get(name) ?? "";
  }
  if (!key.startsWith("field:")) return `${key} is no key`;
  return readField(key.slice(6), method);
}

/** By the names of the contract, such as `product.id`. */
export function readField(path: string, method: Method): ReadKey | string {
  if (method.clientStreams) return `${method.name} takes a stream of requests, which has no field to go by`;
  const names: string[] = [];
  let message: Method["input"] | undefined = method.input;
  let scalar = false;
  for (const name of path.split(".")) {
    const field: Method["input"]["fields"][number] | undefined = message?.fields.find((each) => each.name === name);
    if (field === undefined) return `${message?.typeName ?? method.input.typeName} has no field ${path}`;
    if (field.oneof !== undefined) return `${path} is one of several alternatives, which is not supported`;
    names.push(field.localName);
    message = field.fieldKind === "message" ? field.message : undefined;
    scalar = field.fieldKind === "scalar" || field.fieldKind === "enum";
  }
  if (!scalar) return `${path} of ${method.input.typeName} is not a single text or number`;
  return (request) => {
    let value: unknown = request;
    for (const name of names) {
      if (value === undefined || value === null) return "";
      value = (value as Record<string, unknown>)[name];
    }
    return typeof value === "string" ? value : value === undefined ? "" : String(value);
  };
}
