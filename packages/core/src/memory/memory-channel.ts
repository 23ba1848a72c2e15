import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import type { Call } from "../call.js";
import { CoreErrors } from "../core-errors.js";
import type { Handler } from "../handler.js";
import type { Method } from "../method.js";
import type { Channel } from "../ports/transport.js";
import { RpcError } from "../rpc-error.js";
import { guardRequests, mapStream } from "../streams.js";
import { superviseUnary } from "../supervise.js";
import { superviseStream } from "../supervise-stream.js";
import { traceparent } from "../trace.js";
import { memoryResponses } from "./memory-responses.js";
import type { MemoryEndpoint } from "./memory-transport.js";

interface MemoryLimits {
  readonly verify: boolean;
  readonly maxMessageBytes: number;
}

export function memoryChannel(find: (service: string) => MemoryEndpoint | undefined, limits: MemoryLimits): Channel {
  const send = (method: Method, message: unknown): unknown => pass(method, method.input, message, limits);
  const receive = (method: Method, message: unknown): unknown => pass(method, method.output, message, limits);

  /** The server's half of a call, with its answer brought over. */
  const exchange = (method: Method, handler: Handler, input: unknown, inbound: Call, call: Call): unknown => {
    const requests = method.clientStreams
      ? guardRequests(input as AsyncIterable<unknown>, inbound, (thrown) => call.abort(RpcError.from(thrown)))
      : input;
    if (method.serverStreams) {
      const source = superviseStream(handler, requests, inbound);
      return memoryResponses(source, inbound, call, (message) => receive(method, message), sent);
    }
    return superviseUnary(handler, requests, inbound).then(
      (response) => {
        bringHeaders(inbound, call);
        return receive(method, response);
      },
      (error: unknown) => {
        bringHeaders(inbound, call);
        throw sent(error);
      },
    );
  };

  return {
    invoke(method: Method, request: unknown, call: Call): unknown {
      // Until the server's side of the call is made.
      call.unprocessed = true;
      const endpoint = find(method.service);
      if (endpoint === undefined) throw CoreErrors.UNIMPLEMENTED({ method: method.path });
      if (endpoint.closed) throw CoreErrors.UNAVAILABLE({ service: method.service, why: "its process has closed" });
      if (endpoint.draining) throw CoreErrors.DRAINING();
      const served = endpoint.dispatcher.require(method.path);
      // Before the server's call is made, because it would be left behind when the message cannot be sent.
      const input = method.clientStreams
        ? mapStream(request as AsyncIterable<unknown>, (message) => send(method, message))
        : send(method, request);
      const inbound = endpoint.dispatcher.accept(served.method, {
        deadline: call.deadline,
        metadata: call.peekMetadata()?.copy(),
        peer: { identity: call.runtime.name, address: "memory" },
        user: call.user,
        tenant: call.tenant,
        releaseTag: call.releaseTag,
        baggage: call.baggage,
        traceparent: traceparent(call.trace),
      });
      call.unprocessed = false;
      call.onAbort((error) => inbound.abort(new RpcError(error.code, error.message)));
      inbound.onSettle((error) => bringTrailers(inbound, error, call));
      try {
        return exchange(method, served.handler, input, inbound, call);
      } catch (thrown) {
        // The request is nothing that can be iterated.
        inbound.abort();
        throw thrown;
      }
    },
    close: () => Promise.resolve(),
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

/** What the other side learns of an error: code, message and details; never the cause. Metadata goes by the trailers. */
function sent(thrown: unknown): RpcError {
  const error = RpcError.from(thrown);
  if (error.cause === undefined && error.metadata === undefined) return error;
  return new RpcError(error.code, error.message, { details: error.details });
}

function bringHeaders(from: Call, to: Call): void {
  const headers = from.peekHeaders();
  if (headers !== undefined) to.responseHeaders.appendAll(headers);
}

function bringTrailers(from: Call, error: RpcError | undefined, to: Call): void {
  const trailers = from.peekTrailers();
  if (trailers !== undefined) to.responseTrailers.appendAll(trailers);
  if (error?.metadata !== undefined) to.responseTrailers.appendAll(error.metadata);
}
