import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Any, anyUnpack } from "@bufbuild/protobuf/wkt";
import type { Connection } from "@sampan/h2";
import { ErrorInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { StatusSchema } from "@sampan/protos/google/rpc/status_pb.js";
import { decodeBinary, encodeBinary } from "../wire/binary-value.js";

/** Under these domains the runtime and this transport register their errors. */
const ours = new Set(["core", "grpc"]);

/**
 * A connection that takes the `google.rpc.ErrorInfo` of our own errors out of the trailers that are sent on it
 * (option `transportErrorInfo`). In front of the connection, so that calls which carry it pay nothing for the option.
 */
export function withoutErrorInfo(connection: Connection): Connection {
  const sendHeaders: Connection["sendHeaders"] = (stream, headers, extra, end) =>
    connection.sendHeaders(stream, headers, extra === undefined ? undefined : withoutOwnInfo(extra), end);
  return new Proxy(connection, {
    get(target, name) {
      if (name === "sendHeaders") return sendHeaders;
      const found: unknown = Reflect.get(target, name, target);
      return typeof found === "function" ? found.bind(target) : found;
    },
  });
}

/** The same fields, with `grpc-status-details-bin` shortened, or left out when nothing else was in it. */
export function withoutOwnInfo(fields: readonly string[]): readonly string[] {
  const at = fields.indexOf("grpc-status-details-bin");
  const bytes = at < 0 ? undefined : decodeBinary(fields[at + 1] as string);
  if (bytes === undefined) return fields;
  const status = fromBinary(StatusSchema, bytes);
  const details = status.details.filter((detail) => !isOwnInfo(detail));
  if (details.length === status.details.length) return fields;
  const shorter = details.length === 0 ? [] : [toBinary(StatusSchema, create(StatusSchema, { ...status, details }))];
  return [
    ...fields.slice(0, at),
    ...shorter.flatMap((octets) => ["grpc-status-details-bin", encodeBinary(octets)]),
    ...fields.slice(at + 2),
  ];
}

function isOwnInfo(detail: Any): boolean {
  const info = anyUnpack(detail, ErrorInfoSchema);
  return info !== undefined && ours.has(info.domain);
}
