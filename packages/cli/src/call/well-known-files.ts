import { createRegistry, type DescFile, type Registry } from "@bufbuild/protobuf";
import {
  AnySchema,
  ApiSchema,
  DurationSchema,
  EmptySchema,
  FieldMaskSchema,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  SourceContextSchema,
  StringValueSchema,
  StructSchema,
  TimestampSchema,
  TypeSchema,
} from "@bufbuild/protobuf/wkt";
import { file_google_rpc_error_details } from "@sampan/protos/google/rpc/error_details_pb.js";
import { file_google_rpc_status } from "@sampan/protos/google/rpc/status_pb.js";

const googleFiles: readonly DescFile[] = [
  FileDescriptorProtoSchema,
  AnySchema,
  DurationSchema,
  EmptySchema,
  FieldMaskSchema,
  SourceContextSchema,
  StructSchema,
  TimestampSchema,
  TypeSchema,
  ApiSchema,
  StringValueSchema,
].map(({ file }) => file);

const byName: ReadonlyMap<string, FileDescriptorProto> = new Map(
  googleFiles.map(({ name, proto }) => [`${name}.proto`, proto]),
);

/**
 * `google/protobuf/*.proto`, which have a meaning of their own in JSON: ours, whatever a server says they are. Many
 * servers do not even send them.
 */
export function wellKnownFile(name: string): FileDescriptorProto | undefined {
  return byName.get(name);
}

/** Types that errors are made of, for servers that do not describe them. */
export const errorTypes: Registry = createRegistry(
  ...googleFiles,
  file_google_rpc_error_details,
  file_google_rpc_status,
);
