import { setTimeout as sleep } from "node:timers/promises";
import { type Call, type Code, implement, RpcError, type Service } from "@sampan/core";
import { type EchoStatus, type ResponseParameters, TestService } from "../gen/interop_pb.js";
import { LoadReports } from "./load-reports.js";

/** For whom a call is made, by what its `authorization` says. */
export interface Holder {
  readonly username: string;
  readonly oauthScope: string;
}
export type Authorize = (authorization: string) => Holder | undefined;

/** Metadata that the service sends back: in headers, and in trailers. */
export const echoedInitial = "x-grpc-test-echo-initial";
export const echoedTrailing = "x-grpc-test-echo-trailing-bin";

/** The service that interoperability clients call (grpc/grpc `doc/interop-test-descriptions.md`). */
export function testService(reports: LoadReports = new LoadReports(), authorize: Authorize = () => undefined): Service {
  return implement(TestService, {
    emptyCall: () => ({}),

    unaryCall(request, call) {
      const { responseSize, responseStatus, fillServerId, orcaPerQueryReport } = request;
      echoMetadata(call);
      reports.behind(call, orcaPerQueryReport);
      failAs(responseStatus);
      const holder = authorize(call.metadata.get("authorization") ?? "");
      return {
        payload: { body: new Uint8Array(responseSize) },
        serverId: fillServerId ? "sampan" : "",
        ...(request.fillUsername && holder !== undefined ? { username: holder.username } : {}),
        ...(request.fillOauthScope && holder !== undefined ? { oauthScope: holder.oauthScope } : {}),
      };
    },

    async *streamingOutputCall({ responseParameters }) {
      yield* responses(responseParameters);
    },

    async streamingInputCall(requests) {
      let aggregatedPayloadSize = 0;
      for await (const { payload } of requests) aggregatedPayloadSize += payload?.body.length ?? 0;
      return { aggregatedPayloadSize };
    },

    async *fullDuplexCall(requests, call) {
      echoMetadata(call);
      for await (const { responseParameters, responseStatus, orcaOobReport } of requests) {
        reports.remember(orcaOobReport);
        failAs(responseStatus);
        yield* responses(responseParameters);
      }
    },
  });
}

async function* responses(parameters: readonly ResponseParameters[]): AsyncGenerator<object> {
  for (const { size, intervalUs } of parameters) {
    if (intervalUs > 0) await sleep(intervalUs / 1000);
    yield { payload: { body: new Uint8Array(size) } };
  }
}

function failAs(status: EchoStatus | undefined): void {
  if (status !== undefined && status.code !== 0) throw new RpcError(status.code as Code, status.message);
}

function echoMetadata(call: Call): void {
  const initial = call.metadata.get(echoedInitial);
  if (initial !== undefined) call.responseHeaders.append(echoedInitial, initial);
  const trailing = call.metadata.getBytes(echoedTrailing);
  if (trailing !== undefined) call.responseTrailers.append(echoedTrailing, trailing);
}
