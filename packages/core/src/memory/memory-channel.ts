import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { Call } from "../call.js";
import { CoreErrors } from "../core-errors.js";
import { Metadata } from "../metadata.js";
import type { Method } from "../method.js";
import type { Channel } from "../ports/transport.js";
import { RpcError } from "../rpc-error.js";
import { guardRequests, mapStream } from "../streams.js";
import { superviseStream, superviseUnary } from "../supervise.js";
import { traceparent } from "../trace.js";
import type { MemoryEndpoint } from "./memory-transport.js";

interface MemoryLimits {
  readonly verify: boolean;
  readonly maxMessageBytes: number;
}

export function memoryChannel(find: (service: string) => MemoryEndpoint | undefined, limits: MemoryLimits): Channel {
  return {
    invoke(method: Method, request: unknown, call: Call): unknown {
      const endpoint = find(method.service);
      if (endpoint === undefined) throw CoreErrors.UNIMPLEMENTED({ method: method.path });
      if (endpoint.draining) throw CoreErrors.DRAINING();
      const served = endpoint.dispatcher.require(method.path);
      const inbound = endpoint.dispatcher.accept(served.method, {
        deadline: call.deadline,
        metadata: copy(call.metadata),
        peer: { identity: call.runtime.name, address: "memory" },
        user: call.user,
        tenant: call.tenant,
        releaseTag: call.releaseTag,
        baggage: call.baggage,
        traceparent: traceparent(call.trace),
      });
      call.onAbort((error) => inbound.abort(new RpcError(error.code, error.message)));
      inbound.onSettle(() => {
        for (const [key, value] of inbound.responseTrailers) call.responseTrailers.append(key, value);
      });
      const input = method.clientStreams
        ? guardRequests(
            mapStream(request as AsyncIterable<unknown>, (message) => pass(method, method.input, message, limits)),
            inbound,
            (thrown) => call.abort(RpcError.from(thrown)),
          )
        : pass(method, method.input, request, limits);
      if (method.serverStreams) return responses(method, superviseStream(served.handler, input, inbound), inbound, call, limits);
      return superviseUnary(served.handler, input, inbound).then(
        (response) => {
          copyHeaders(inbound, call);
          return pass(method, method.output, response, limits);
        },
        (error: unknown) => {
          copyHeaders(inbound, call);
          throw sent(error);
        },
      );
    },
    close: () => Promise.resolve(),
  };
}

function responses(
  method: Method,
  source: AsyncIterableIterator<unknown>,
  inbound: Call,
  call: Call,
  limits: MemoryLimits,
): AsyncIterableIterator<unknown> {
  let first = true;
  return {
    async next(): Promise<IteratorResult<unknown>> {
      try {
        const result = await source.next();
        if (first) copyHeaders(inbound, call);
        first = false;
        return result.done === true ? result : { done: false, value: pass(method, method.output, result.value, limits) };
      } catch (error) {
        if (first) copyHeaders(inbound, call);
        first = false;
        inbound.abort();
        throw sent(error);
      }
    },
    return: () => (source.return as () => Promise<IteratorResult<unknown>>)(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** A message crosses: as it is, or through its encoding. */
function pass<D extends DescMessage>(method: Method, schema: D, message: unknown, limits: MemoryLimits): unknown {
  if (!limits.verify) return message;
  const bytes = toBinary(schema, message as MessageShape<D>);
  if (bytes.length > limits.maxMessageBytes) {
    throw CoreErrors.MESSAGE_TOO_LARGE({
      method: method.path,
      size: String(bytes.length),
      limit: String(limits.maxMessageBytes),
    });
  }
  return fromBinary(schema, bytes);
}

/** What the other side learns of an error: code, message, details and trailers, never the cause. */
function sent(thrown: unknown): RpcError {
  const error = RpcError.from(thrown);
  if (error.cause === undefined) return error;
  return new RpcError(error.code, error.message, {
    details: error.details,
    ...(error.metadata === undefined ? {} : { metadata: error.metadata }),
  });
}

function copy(metadata: Metadata): Metadata {
  return Metadata.of(metadata);
}

function copyHeaders(from: Call, to: Call): void {
  for (const [key, value] of from.responseHeaders) to.responseHeaders.append(key, value);
}
