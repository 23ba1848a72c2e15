import { type Registry, toJson } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyUnpack } from "@bufbuild/protobuf/wkt";
import { codeName, type RpcError } from "@sampan/core";
import { printable } from "./printable.js";

/** The exit status of a call that ended with an error: this and the number of its code, as grpcurl has it. */
export const statusBase = 64;

/** `NOT_FOUND` */
function canonicalName(code: number): string {
  const name = codeName(code);
  return name === "Canceled" ? "CANCELLED" : name.replace(/(?<=[a-z])[A-Z]/g, "_$&").toUpperCase();
}

/** How a call ended, for people: code and message, and each detail as JSON. */
export function statusText(method: string, error: RpcError, registry: Registry): string {
  const head = `sampan: ${method}: ${canonicalName(error.code)} (${error.code}): ${printable(error.message)}`;
  return [head, ...error.details.map((detail) => JSON.stringify(detailJson(detail, registry), null, 2))].join("\n");
}

/** A detail of a type that nobody knows keeps its octets. */
function detailJson(detail: Any, registry: Registry): unknown {
  const name = detail.typeUrl.slice(detail.typeUrl.lastIndexOf("/") + 1);
  const schema = registry.getMessage(name);
  try {
    if (schema !== undefined && anyUnpack(detail, schema) !== undefined) return toJson(AnySchema, detail, { registry });
  } catch {
    // Not what it says it is: the octets are all there is.
  }
  return { "@type": detail.typeUrl, value: Buffer.from(detail.value).toString("base64") };
}
