import { Code, implement, type Service } from "@sampan/core";
import {
  ServerReflection as ReflectionV1,
  type ServerReflectionRequest as RequestV1,
} from "@sampan/protos/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as ReflectionV1Alpha } from "@sampan/protos/grpc/reflection/v1alpha/reflection_pb.js";
import { type DescriptorIndex, descriptorIndex } from "./descriptor-index.js";

/** `grpc.reflection.v1` and `v1alpha` for the given services and themselves. */
export function reflectionServices(served: readonly Service[]): Service[] {
  const index = descriptorIndex([...served.map((service) => service.desc), ReflectionV1, ReflectionV1Alpha]);
  // The two versions differ in their package only, so a request of one is a request of the other.
  const answer = async function* (requests: AsyncIterable<unknown>): AsyncGenerator<object> {
    for await (const request of requests) yield respond(index, request as RequestV1);
  };
  return [
    implement(ReflectionV1, { serverReflectionInfo: answer }),
    implement(ReflectionV1Alpha, { serverReflectionInfo: answer }),
  ];
}

function respond(index: DescriptorIndex, request: RequestV1): object {
  const { messageRequest } = request;
  const answered = { validHost: request.host, originalRequest: plain(request) };
  const files = (fileDescriptorProto: Uint8Array[] | undefined, what: string): object =>
    fileDescriptorProto === undefined
      ? { ...answered, messageResponse: failure(Code.NotFound, `${what} is not known here`) }
      : { ...answered, messageResponse: { case: "fileDescriptorResponse", value: { fileDescriptorProto } } };
  switch (messageRequest.case) {
    case "listServices": {
      const service = index.services.map((name) => ({ name }));
      return { ...answered, messageResponse: { case: "listServicesResponse", value: { service } } };
    }
    case "fileByFilename":
      return files(index.file(messageRequest.value), messageRequest.value);
    case "fileContainingSymbol":
      return files(index.fileOfSymbol(messageRequest.value), messageRequest.value);
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = messageRequest.value;
      return files(index.fileOfExtension(containingType, extensionNumber), `${containingType} ${extensionNumber}`);
    }
    case "allExtensionNumbersOfType": {
      const baseTypeName = messageRequest.value;
      const extensionNumber = index.extensionNumbers(baseTypeName);
      if (extensionNumber === undefined) return files(undefined, baseTypeName);
      const value = { baseTypeName, extensionNumber };
      return { ...answered, messageResponse: { case: "allExtensionNumbersResponse", value } };
    }
    default:
      return { ...answered, messageResponse: failure(Code.InvalidArgument, "the request asks for nothing") };
  }
}

function failure(errorCode: Code, errorMessage: string): object {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}

/** The fields alone: a message of one version inside a response of the other would be refused. */
function plain({ host, messageRequest }: RequestV1): object {
  if (messageRequest.case !== "fileContainingExtension") return { host, messageRequest };
  const { containingType, extensionNumber } = messageRequest.value;
  return { host, messageRequest: { case: messageRequest.case, value: { containingType, extensionNumber } } };
}
