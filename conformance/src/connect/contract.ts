import {
  create,
  createFileRegistry,
  type DescMessage,
  type DescService,
  type FileRegistry,
  fromBinary,
  type Message,
  toBinary,
} from "@bufbuild/protobuf";
import { type Any, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";

/**
 * The runner's own contract. Its .proto files are read from Go's module cache when a suite runs, so that nothing of
 * theirs is kept here; the interfaces below say which fields we use, under the names that protobuf-es gives them.
 */
export interface Header {
  readonly name: string;
  readonly value: readonly string[];
}

export interface ProtoError {
  readonly code: number;
  readonly message?: string | undefined;
  readonly details: readonly Any[];
}

export interface RequestInfo {
  readonly requestHeaders: readonly Header[];
  readonly timeoutMs?: bigint;
  readonly requests: readonly Any[];
}

export interface Payload {
  readonly data?: Uint8Array;
  readonly requestInfo?: RequestInfo;
}

export interface UnaryDefinition {
  readonly responseHeaders: readonly Header[];
  readonly responseTrailers: readonly Header[];
  readonly responseDelayMs: number;
  readonly response:
    | { readonly case: "responseData"; readonly value: Uint8Array }
    | { readonly case: "error"; readonly value: ProtoError }
    | { readonly case: undefined };
}

export interface StreamDefinition {
  readonly responseHeaders: readonly Header[];
  readonly responseTrailers: readonly Header[];
  readonly responseDelayMs: number;
  readonly responseData: readonly Uint8Array[];
  readonly error?: ProtoError;
}

export interface TlsCreds {
  readonly cert: Uint8Array;
  readonly key: Uint8Array;
}

export interface ServerCompatRequest {
  readonly useTls: boolean;
  readonly clientTlsCert: Uint8Array;
  readonly messageReceiveLimit: number;
  readonly serverCreds?: TlsCreds;
}

export interface ClientCompatRequest {
  readonly testName: string;
  readonly compression: number;
  readonly host: string;
  readonly port: number;
  readonly serverTlsCert: Uint8Array;
  readonly clientTlsCreds?: TlsCreds;
  readonly messageReceiveLimit: number;
  readonly method?: string;
  readonly streamType: number;
  readonly requestHeaders: readonly Header[];
  readonly requestMessages: readonly Any[];
  readonly timeoutMs?: number;
  readonly requestDelayMs: number;
  readonly cancel?: {
    readonly cancelTiming:
      | { readonly case: "beforeCloseSend" }
      | { readonly case: "afterCloseSendMs" | "afterNumResponses"; readonly value: number }
      | { readonly case: undefined };
  };
}

export interface ClientResult {
  readonly responseHeaders: readonly Header[];
  readonly responseTrailers: readonly Header[];
  readonly payloads: readonly Payload[];
  readonly error?: ProtoError;
  readonly numUnsentRequests: number;
}

/** Numbers of enums in the contract. */
export const compressionGzip = 2;
export const fullDuplexBidi = 5;

const prefix = "connectrpc.conformance.v1";

export class Contract {
  private readonly registry: FileRegistry;

  /** `image` is a compiled file descriptor set. */
  constructor(image: Uint8Array) {
    this.registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
  }

  get service(): DescService {
    const found = this.registry.getService(`${prefix}.ConformanceService`);
    if (found === undefined) throw new Error("the runner's contract has no ConformanceService");
    return found;
  }

  message(name: string): DescMessage {
    const found = this.registry.getMessage(`${prefix}.${name}`);
    if (found === undefined) throw new Error(`the runner's contract has no ${name}`);
    return found;
  }

  make(name: string, init: object): Message {
    return create(this.message(name), init as never);
  }

  encode(name: string, init: object): Uint8Array {
    return toBinary(this.message(name), this.make(name, init));
  }

  /** `T` is one of the interfaces above, which the caller answers for. */
  decode<T>(name: string, bytes: Uint8Array): T {
    return fromBinary(this.message(name), bytes) as unknown as T;
  }
}
