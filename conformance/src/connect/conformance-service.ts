import { setTimeout as sleep } from "node:timers/promises";
import type { DescMessage, Message } from "@bufbuild/protobuf";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import { type Call, Code, type Implementation, implement, RpcError, type Service } from "@sampan/core";
import type {
  Contract,
  Header,
  Payload,
  ProtoError,
  RequestInfo,
  StreamDefinition,
  UnaryDefinition,
} from "./contract.js";
import { toHeaders, toMetadata } from "./header-lists.js";

type Received<D> = Message & { readonly responseDefinition?: D; readonly fullDuplex?: boolean };

/** The service that the runner's reference clients call: it answers as each request says, and tells what it has seen. */
export function conformanceService(contract: Contract): Service {
  const pack = (name: string, message: Message): Any => anyPack(contract.message(name) as DescMessage, message);
  const seen = (call: Call, requests: readonly Any[]): RequestInfo => ({
    requestHeaders: toHeaders(call.metadata),
    ...(Number.isFinite(call.deadline) ? { timeoutMs: BigInt(Math.ceil(call.remaining())) } : {}),
    requests,
  });
  const failure = ({ code, message, details }: ProtoError, info: RequestInfo | undefined): RpcError => {
    const more =
      info === undefined
        ? []
        : [pack("ConformancePayload.RequestInfo", contract.make("ConformancePayload.RequestInfo", info))];
    return new RpcError(code as Code, message ?? "", { details: [...details, ...more] });
  };

  async function unary(
    definition: UnaryDefinition | undefined,
    requests: readonly Any[],
    call: Call,
  ): Promise<{ payload: Payload }> {
    const requestInfo = seen(call, requests);
    if (definition === undefined) return { payload: { requestInfo } };
    announce(call, definition);
    await sleep(definition.responseDelayMs);
    const { response } = definition;
    if (response.case === "error") throw failure(response.value, requestInfo);
    return { payload: { ...(response.case === undefined ? {} : { data: response.value }), requestInfo } };
  }

  /** Answers from the `from`th on; the first of all says what was seen. */
  async function* rest(
    definition: StreamDefinition,
    from: number,
    requests: readonly Any[],
    call: Call,
  ): AsyncGenerator<{ payload: Payload }> {
    const { responseData, responseDelayMs, error } = definition;
    for (let i = from; i < responseData.length; i++) {
      await sleep(responseDelayMs);
      yield {
        payload: { data: responseData[i] as Uint8Array, ...(i === 0 ? { requestInfo: seen(call, requests) } : {}) },
      };
    }
    if (error !== undefined) throw failure(error, responseData.length === 0 ? seen(call, requests) : undefined);
  }

  const implementation = {
    unary: (request: Received<UnaryDefinition>, call: Call) =>
      unary(request.responseDefinition, [pack("UnaryRequest", request)], call),

    idempotentUnary: (request: Received<UnaryDefinition>, call: Call) =>
      unary(request.responseDefinition, [pack("IdempotentUnaryRequest", request)], call),

    async clientStream(requests: AsyncIterable<Received<UnaryDefinition>>, call: Call) {
      const packed: Any[] = [];
      let definition: UnaryDefinition | undefined;
      for await (const request of requests) {
        if (packed.length === 0) definition = request.responseDefinition;
        packed.push(pack("ClientStreamRequest", request));
      }
      return unary(definition, packed, call);
    },

    async *serverStream(request: Received<StreamDefinition>, call: Call) {
      const definition = request.responseDefinition;
      if (definition === undefined) return;
      announce(call, definition);
      yield* rest(definition, 0, [pack("ServerStreamRequest", request)], call);
    },

    async *bidiStream(requests: AsyncIterable<Received<StreamDefinition>>, call: Call) {
      let definition: StreamDefinition | undefined;
      let fullDuplex = false;
      let received = 0;
      let answered = 0;
      let unseen: Any[] = [];
      for await (const request of requests) {
        unseen.push(pack("BidiStreamRequest", request));
        if (received++ === 0) {
          definition = request.responseDefinition;
          fullDuplex = request.fullDuplex === true;
          if (definition !== undefined) announce(call, definition);
        }
        if (!fullDuplex) continue;
        const data = definition?.responseData[answered];
        if (data === undefined) break;
        await sleep(definition?.responseDelayMs);
        yield {
          payload: {
            data,
            requestInfo: answered === 0 ? seen(call, unseen) : { requestHeaders: [], requests: unseen },
          },
        };
        answered++;
        unseen = [];
      }
      if (definition !== undefined) yield* rest(definition, answered, unseen, call);
    },

    unimplemented() {
      throw new RpcError(Code.Unimplemented, "the runner wants this method to be missing");
    },
  };
  return implement(contract.service, implementation as unknown as Implementation<typeof contract.service>);
}

function announce(
  call: Call,
  definition: { responseHeaders: readonly Header[]; responseTrailers: readonly Header[] },
): void {
  call.responseHeaders.appendAll(toMetadata(definition.responseHeaders));
  call.responseTrailers.appendAll(toMetadata(definition.responseTrailers));
}
