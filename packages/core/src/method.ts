import type { DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";
import { getOption, hasOption } from "@bufbuild/protobuf";
import {
  Access,
  type BatchRules,
  type MethodRules,
  method as methodOption,
} from "@sampan/protos/sampan/v1/options_pb.js";

export type CallKind = "unary" | "client_streaming" | "server_streaming" | "bidi_streaming";

/**
 * One method of a contract, as the runtime uses it: made once for each descriptor and then compared by identity, so it
 * serves as a map key on the hot path.
 */
export interface Method {
  /** `order.v1.OrderService` */
  readonly service: string;
  /** `CreateOrder` */
  readonly name: string;
  /** `/order.v1.OrderService/CreateOrder`, the path on the wire. */
  readonly path: string;
  /** `createOrder`, the property of a service object and of a client. */
  readonly localName: string;
  readonly kind: CallKind;
  readonly clientStreams: boolean;
  readonly serverStreams: boolean;
  readonly input: DescMessage;
  readonly output: DescMessage;
  readonly access: Access;
  /** Whether the contract says that repeating a call is harmless. */
  readonly idempotent: boolean;
  /** Default deadline from the contract in ms; 0 means the process's default. */
  readonly timeoutMs: number;
  /** How calls of this method can be made together; undefined when the contract does not say. */
  readonly batch: BatchRules | undefined;
  /** The descriptor, for options that others define. */
  readonly desc: DescMethod;
}

const methodsOf = new WeakMap<DescService, readonly Method[]>();

/** The methods of a service, in the order of the contract. */
export function methods(service: DescService): readonly Method[] {
  let list = methodsOf.get(service);
  if (list === undefined) {
    list = service.methods.map(toMethod);
    methodsOf.set(service, list);
  }
  return list;
}

function toMethod(desc: DescMethod): Method {
  const rules: MethodRules | undefined = hasOption(desc, methodOption) ? getOption(desc, methodOption) : undefined;
  return {
    service: desc.parent.typeName,
    name: desc.name,
    path: `/${desc.parent.typeName}/${desc.name}`,
    localName: desc.localName,
    kind: desc.methodKind,
    clientStreams: desc.methodKind === "client_streaming" || desc.methodKind === "bidi_streaming",
    serverStreams: desc.methodKind === "server_streaming" || desc.methodKind === "bidi_streaming",
    input: desc.input,
    output: desc.output,
    access: rules?.access ?? Access.UNSPECIFIED,
    idempotent: rules?.idempotent ?? false,
    timeoutMs: rules?.timeoutMs ?? 0,
    batch: rules?.batch,
    desc,
  };
}
