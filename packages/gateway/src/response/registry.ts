import { createRegistry, type DescFile, type DescService, type Registry } from "@bufbuild/protobuf";
import { file_google_rpc_error_details } from "@sampan/protos/google/rpc/error_details_pb.js";

/** The types that may stand in an `Any`: everything that the contracts import, and the standard error details. */
export function registryOf(services: readonly DescService[]): Registry {
  const files = new Set<DescFile>();
  const add = (file: DescFile): void => {
    if (files.has(file)) return;
    files.add(file);
    file.dependencies.forEach(add);
  };
  add(file_google_rpc_error_details);
  for (const service of services) add(service.file);
  return createRegistry(...files);
}
