import type {
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { Call, CallOptions } from "./call.js";
import { methods } from "./method.js";

/** A typed client: a function for each method of the contract. Fails only with `RpcError`. */
export type Client<S extends DescService> = {
  [K in keyof S["method"]]: S["method"][K] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : S["method"][K] extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageInitShape<I>, options?: CallOptions) => AsyncIterableIterator<MessageShape<O>>
      : S["method"][K] extends DescMethodClientStreaming<infer I, infer O>
        ? (requests: AsyncIterable<MessageInitShape<I>>, options?: CallOptions) => Promise<MessageShape<O>>
        : S["method"][K] extends DescMethodBiDiStreaming<infer I, infer O>
          ? (
              requests: AsyncIterable<MessageInitShape<I>>,
              options?: CallOptions,
            ) => AsyncIterableIterator<MessageShape<O>>
          : never;
};

type ClientClass = new (call: Call, defaults: CallOptions | undefined) => object;
const classes = new WeakMap<DescService, ClientClass>();

/** One class for each service, made once, so that `call.to()` costs one small object. */
export function clientOf<S extends DescService>(service: S, call: Call, defaults?: CallOptions): Client<S> {
  let made = classes.get(service);
  if (made === undefined) {
    made = clientClass(service);
    classes.set(service, made);
  }
  return new made(call, defaults) as Client<S>;
}

function clientClass(service: DescService): ClientClass {
  class ServiceClient {
    readonly call: Call;
    readonly defaults: CallOptions | undefined;
    constructor(call: Call, defaults: CallOptions | undefined) {
      this.call = call;
      this.defaults = defaults;
    }
  }
  for (const method of methods(service)) {
    Object.defineProperty(ServiceClient.prototype, method.localName, {
      value(this: ServiceClient, request: unknown, options?: CallOptions): unknown {
        const merged = this.defaults === undefined ? options : { ...this.defaults, ...options };
        return this.call.runtime.start(this.call, method, request, merged);
      },
    });
  }
  return ServiceClient;
}
