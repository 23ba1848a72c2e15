import type {
  DescMethodBiDiStreaming,
  DescMethodClientStreaming,
  DescMethodServerStreaming,
  DescMethodUnary,
  DescService,
  MessageInitShape,
  MessageShape,
} from "@bufbuild/protobuf";
import type { Call } from "./call.js";
import { compose, type Handler, isPromise, type Layer } from "./handler.js";
import { initialiserOf } from "./message-initialiser.js";
import { type Method, methods } from "./method.js";
import { mapStream } from "./streams.js";

/** The functions of a service: plain objects in, plain objects (or messages) out. */
export type Implementation<S extends DescService> = {
  [K in keyof S["method"]]: S["method"][K] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageShape<I>, call: Call) => Promise<MessageInitShape<O>> | MessageInitShape<O>
    : S["method"][K] extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageShape<I>, call: Call) => AsyncIterable<MessageInitShape<O>>
      : S["method"][K] extends DescMethodClientStreaming<infer I, infer O>
        ? (requests: AsyncIterable<MessageShape<I>>, call: Call) => Promise<MessageInitShape<O>>
        : S["method"][K] extends DescMethodBiDiStreaming<infer I, infer O>
          ? (requests: AsyncIterable<MessageShape<I>>, call: Call) => AsyncIterable<MessageInitShape<O>>
          : never;
};

/** A contract with its functions: what a transport serves. */
export interface Service {
  readonly desc: DescService;
  readonly handlers: ReadonlyMap<Method, Handler>;
}

/**
 * Joins a contract and its functions. Every method must be there: a missing one throws `TypeError` now and not at the
 * first call. `layers` are for this service only, inside those of the process.
 */
export function implement<S extends DescService>(
  desc: S,
  implementation: Implementation<S>,
  layers: readonly Layer[] = [],
): Service {
  const handlers = new Map<Method, Handler>();
  const functions = implementation as Readonly<Record<string, Handler>>;
  for (const method of methods(desc)) {
    const run = functions[method.localName];
    if (typeof run !== "function") throw new TypeError(`${desc.typeName}: the function ${method.localName} is missing`);
    handlers.set(method, compose(layers, complete(run.bind(implementation), method), method));
  }
  return { desc, handlers };
}

/** Functions may answer with plain objects; layers and transports see messages. */
function complete(run: Handler, method: Method): Handler {
  const initialise = initialiserOf(method.output);
  const toMessage = (value: unknown): unknown => (value === undefined || value === null ? value : initialise(value));
  if (method.serverStreams) {
    return (request, call) => mapStream(run(request, call) as AsyncIterable<unknown>, toMessage);
  }
  return (request, call) => {
    const response = run(request, call);
    return isPromise(response) ? response.then(toMessage) : toMessage(response);
  };
}
