import { setTimeout as sleep } from "node:timers/promises";
import { fromBinary, type Message } from "@bufbuild/protobuf";
import { anyIs } from "@bufbuild/protobuf/wkt";
import { Call, type Method, methods, RpcError, type Runtime, superviseStream, superviseUnary } from "@sampan/core";
import { ErrorInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { RequestStream } from "../runner/request-stream.js";
import {
  type ClientCompatRequest,
  type ClientResult,
  type Contract,
  fullDuplexBidi,
  type Payload,
  type ProtoError,
} from "./contract.js";
import { toHeaders, toMetadata } from "./header-lists.js";

/** One call as a request of the runner describes it, and what came of it. */
export async function makeCall(
  contract: Contract,
  runtime: Runtime,
  request: ClientCompatRequest,
): Promise<ClientResult> {
  const method = methods(contract.service).find(({ name }) => name === request.method);
  if (method === undefined) throw new Error(`there is no method ${request.method}`);
  const { timeoutMs } = request;
  const call = new Call({
    runtime,
    side: "client",
    name: method.path,
    method,
    deadline: timeoutMs === undefined ? Number.POSITIVE_INFINITY : runtime.clock.now() + timeoutMs,
    metadata: toMetadata(request.requestHeaders),
  });
  return new ClientCallRun(runtime, method, call, request).run();
}

class ClientCallRun {
  private readonly runtime: Runtime;
  private readonly method: Method;
  private readonly call: Call;
  private readonly request: ClientCompatRequest;
  private readonly messages: readonly Message[];
  private readonly requests = new RequestStream();
  private readonly payloads: Payload[] = [];

  constructor(runtime: Runtime, method: Method, call: Call, request: ClientCompatRequest) {
    this.runtime = runtime;
    this.method = method;
    this.call = call;
    this.request = request;
    this.messages = request.requestMessages.map(({ value }) => fromBinary(method.input, value));
  }

  async run(): Promise<ClientResult> {
    let error: RpcError | undefined;
    try {
      if (this.method.serverStreams) await this.streamed();
      else await this.single();
    } catch (thrown) {
      if (!(thrown instanceof RpcError)) throw thrown;
      error = thrown;
    }
    const { call, method, requests, messages } = this;
    return {
      responseHeaders: toHeaders(call.responseHeaders),
      responseTrailers: toHeaders(call.responseTrailers),
      payloads: this.payloads,
      ...(error === undefined ? {} : { error: reported(error) }),
      numUnsentRequests: error !== undefined && method.clientStreams ? messages.length - requests.pulled : 0,
    };
  }

  /** One response: unary and client streaming. */
  private async single(): Promise<void> {
    const { call, method } = this;
    const handler = this.runtime.outbound(method);
    const response = superviseUnary(handler, method.clientStreams ? this.requests : this.messages[0], call);
    if (method.clientStreams) await this.sayAll();
    this.cancelAfterCloseSend();
    this.took(await response);
  }

  private async streamed(): Promise<void> {
    const { call, method, request } = this;
    const handler = this.runtime.outbound(method);
    const responses = superviseStream(handler, method.clientStreams ? this.requests : this.messages[0], call);
    if (request.streamType === fullDuplexBidi) {
      for (const message of this.messages) {
        await sleep(request.requestDelayMs);
        this.requests.say(message);
        const { done, value } = await responses.next();
        if (done === true) break;
        this.took(value);
      }
      this.closeSend();
    } else if (method.clientStreams) {
      await this.sayAll();
    }
    this.cancelAfterCloseSend();
    for await (const response of responses) this.took(response);
  }

  private async sayAll(): Promise<void> {
    for (const message of this.messages) {
      await sleep(this.request.requestDelayMs);
      if (this.call.settled) break;
      this.requests.say(message);
    }
    // What was said is sent before the stream is closed, or the call cancelled.
    await sleep(1);
    this.closeSend();
  }

  private closeSend(): void {
    if (this.request.cancel?.cancelTiming.case === "beforeCloseSend") this.call.abort();
    this.requests.end();
  }

  private cancelAfterCloseSend(): void {
    const timing = this.request.cancel?.cancelTiming;
    if (timing?.case === "afterCloseSendMs") setTimeout(() => this.call.abort(), timing.value);
  }

  private took(response: unknown): void {
    this.payloads.push((response as { payload?: Payload }).payload ?? {});
    const timing = this.request.cancel?.cancelTiming;
    if (timing?.case === "afterNumResponses" && timing.value === this.payloads.length) this.call.abort();
  }
}

/** Errors made at this end carry the reason they are registered under; the runner asks for what the server has sent. */
function reported({ code, message, details }: RpcError): ProtoError {
  return { code, message, details: details.filter((detail) => !anyIs(detail, ErrorInfoSchema)) };
}
