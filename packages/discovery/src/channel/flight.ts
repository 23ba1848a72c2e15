import { type Call, Code, type Method, type RpcError } from "@sampan/core";
import type { EndpointState } from "../cluster/endpoint-state.js";

/** Where a call is at the moment. */
export interface FlightOwner {
  landed(endpoint: EndpointState, tookMs: number, error: RpcError | undefined): void;
  now(): number;
}

/** One call on its way, perhaps over several endpoints: each is told when it has ended there, exactly once. */
export class Flight {
  readonly call: Call;
  /** False once somebody has begun to read a request stream: what was read cannot be read again. */
  repeatable = true;
  /** Endpoints that certainly have not seen the call. */
  tried: EndpointState[] | undefined = undefined;
  readonly #owner: FlightOwner;
  readonly #streams: boolean;
  #endpoint: EndpointState | undefined = undefined;
  #since = 0;

  constructor(owner: FlightOwner, call: Call, method: Method) {
    this.#owner = owner;
    this.call = call;
    this.#streams = method.clientStreams;
    call.onSettle((error) => this.leave(error));
  }

  enter(endpoint: EndpointState): void {
    this.#endpoint = endpoint;
    this.#since = this.#owner.now();
    endpoint.started();
  }

  /** The request, or the request stream watched for its first reader. */
  requests(request: unknown): unknown {
    if (!this.#streams) return request;
    const source = request as AsyncIterable<unknown>;
    return {
      [Symbol.asyncIterator]: () => {
        this.repeatable = false;
        return source[Symbol.asyncIterator]();
      },
    };
  }

  leave(error: RpcError | undefined): void {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) return;
    this.#endpoint = undefined;
    if (error !== undefined && this.call.unprocessed) (this.tried ??= []).push(endpoint);
    this.#owner.landed(endpoint, this.#owner.now() - this.#since, error);
  }
}

/** The instance, not the call, is what failed. */
export function isInstanceFailure(error: RpcError | undefined): boolean {
  if (error === undefined) return false;
  return error.code === Code.Unavailable || error.code === Code.DeadlineExceeded;
}

/** The time until this end tells how fast the instance works. A failure that comes at once must not look fast. */
export function tellsTime(error: RpcError | undefined): boolean {
  if (error === undefined) return true;
  const { code } = error;
  return code !== Code.Unavailable && code !== Code.Canceled && code !== Code.ResourceExhausted;
}
