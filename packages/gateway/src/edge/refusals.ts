import type { IncomingMessage, ServerResponse } from "node:http";
import { create } from "@bufbuild/protobuf";
import { detail, type RpcError, traceFrom } from "@sampan/core";
import { RetryInfoSchema } from "@sampan/protos/google/rpc/error_details_pb.js";
import { GatewayErrors } from "../errors.js";
import type { GatewaySettings } from "../options.js";
import { shorten } from "../request/violations.js";
import type { Answer } from "../response/answer.js";
import { type EnvelopeMode, envelopeOf } from "../response/envelope.js";
import { failureAnswer } from "../response/failure.js";
import { type SendOptions, sendAnswer } from "../response/send.js";
import type { RouteTable } from "../routing/route-table.js";
import { headerOf } from "./headers.js";
import type { Traffic } from "./traffic.js";

/** Details of a refusal that another try in a second may not meet. */
export const soon: { readonly details: RpcError["details"] } = {
  details: [detail(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: { seconds: 1n } }))],
};

/** Answers of requests that never become a call: the edge is full or leaving, or nothing is at their path. */
export class Refusals {
  readonly #settings: GatewaySettings;
  readonly #table: RouteTable;
  readonly #traffic: Traffic;
  readonly #send: SendOptions;

  constructor(settings: GatewaySettings, table: RouteTable, traffic: Traffic, send: SendOptions) {
    this.#settings = settings;
    this.#table = table;
    this.#traffic = traffic;
    this.#send = send;
  }

  refuse(request: IncomingMessage, response: ServerResponse, error: RpcError, awaitsContinue: boolean): void {
    const answer = failureAnswer(error, this.#envelope(request), this.#settings.answers);
    this.#answer(request, response, answer, awaitsContinue);
  }

  /** 404, 405 with `Allow`, or the answer of OPTIONS. */
  unrouted(request: IncomingMessage, response: ServerResponse, path: string, awaitsContinue: boolean): void {
    const method = request.method ?? "GET";
    const allow = this.#table.allow(path);
    if (method === "OPTIONS" && (allow !== undefined || path === "*")) {
      const answer = { status: 204, headers: allow === undefined ? {} : { allow }, body: undefined };
      this.#answer(request, response, answer, awaitsContinue);
      return;
    }
    const where = shorten(path);
    const error =
      allow === undefined
        ? GatewayErrors.ROUTE_NOT_FOUND({ path: where })
        : GatewayErrors.METHOD_NOT_ALLOWED({ method, path: where, allow });
    const answer = failureAnswer(error, this.#envelope(request), this.#settings.answers);
    this.#answer(request, response, allow === undefined ? answer : withAllow(answer, allow), awaitsContinue);
  }

  #answer(request: IncomingMessage, response: ServerResponse, answer: Answer, awaitsContinue: boolean): void {
    // No call, but an id that the client can report and that the log has.
    const { traceId } = traceFrom(headerOf(request, "traceparent"));
    this.#settings.runtime.logger.debug("a request was refused", {
      trace_id: traceId,
      url: request.url,
      status: answer.status,
    });
    const context = { traceId, close: this.#traffic.draining, cacheable: false, awaitsContinue };
    sendAnswer(request, response, answer, context, this.#send);
  }

  #envelope(request: IncomingMessage): EnvelopeMode {
    const { envelope } = this.#settings;
    try {
      return envelope.header === false ? envelope.mode : envelopeOf(headerOf(request, envelope.header), envelope);
    } catch {
      return envelope.mode;
    }
  }
}

function withAllow(answer: Answer, allow: string): Answer {
  return { ...answer, headers: { ...answer.headers, allow } };
}
