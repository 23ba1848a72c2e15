import { type JsonValue, type Registry, toJson } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { Code, type RpcError } from "@sampan/core";
import { type DebugInfo, DebugInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { statusName } from "./http-status.js";

/** The JSON of an error: `google.rpc.Status`, and the name of its code. */
export interface ErrorBody {
  /** Canonical number, 1 to 16. */
  readonly code: number;
  /** Canonical name, such as `INVALID_ARGUMENT`. */
  readonly status: string;
  readonly message: string;
  /** Each with its `@type`; a type that the contracts do not know has its bytes in `value`, base64. */
  readonly details: readonly JsonValue[];
}

/**
 * What a client learns of an error. Faults of the platform (`Internal`, `Unknown`, `DataLoss`, and what the runtime
 * says of services it cannot reach) keep their code only: their words may name hosts, queries or other clients' data.
 */
export function errorBody(error: RpcError, registry: Registry): ErrorBody {
  const { code } = error;
  const hidden = hiddenMessage(error);
  const details = hidden === undefined ? error.details.filter((any) => !any.typeUrl.endsWith(debugInfo)) : [];
  return {
    code,
    status: statusName[code] ?? "UNKNOWN",
    message: hidden ?? error.message,
    details: details.map((any) => detailJson(any, registry)),
  };
}

const debugInfo: `/${DebugInfo["$typeName"]}` = `/${DebugInfoSchema.typeName}`;

/** The words that replace those of a fault of the platform; undefined for every other error. */
export function hiddenMessage(error: RpcError): string | undefined {
  switch (error.code) {
    case Code.Internal:
    case Code.Unknown:
    case Code.DataLoss:
      return "internal error: quote the trace-id header when you report it";
    case Code.Unavailable:
      return error.reason === "UNAVAILABLE" && error.info?.domain === "core"
        ? "a part of the platform is not reachable: try again"
        : undefined;
    default:
      return undefined;
  }
}

function detailJson(any: Any, registry: Registry): JsonValue {
  try {
    const json = toJson(AnySchema, any, { registry }) as Record<string, JsonValue>;
    return { "@type": any.typeUrl, ...json };
  } catch {
    return { "@type": any.typeUrl, value: Buffer.from(any.value).toString("base64") };
  }
}
