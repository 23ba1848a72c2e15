import type { IncomingMessage, ServerResponse } from "node:http";
import type { DescService, Message } from "@bufbuild/protobuf";
import {
  type Call,
  type CallOptions,
  CoreErrors,
  Dispatcher,
  type EndUser,
  type Handler,
  Metadata,
  type Method,
  RpcError,
  type Service,
  superviseUnary,
} from "@sampan/core";
import type { TokenClaims } from "@sampan/core/ports";
import { Access } from "@sampan/protos/sampan/v1/options_pb.js";
import { GatewayErrors } from "../errors.js";
import type { GatewaySettings } from "../options.js";
import { RequestDecoder } from "../request/decode.js";
import type { Answer } from "../response/answer.js";
import { type EnvelopeMode, envelopeOf } from "../response/envelope.js";
import { hiddenMessage } from "../response/error-body.js";
import { failureAnswer } from "../response/failure.js";
import { type SendOptions, sendAnswer } from "../response/send.js";
import { successAnswer } from "../response/success.js";
import type { RouteTable } from "../routing/route-table.js";
import type { Route } from "../routing/routes.js";
import { authenticate, before } from "./authenticate.js";
import { clientAddress } from "./client-address.js";
import { deadlineOf } from "./deadline.js";
import { Exchange } from "./exchange.js";
import { addressOf, headerOf } from "./headers.js";
import { passedMetadata } from "./pass-metadata.js";
import { Refusals, soon } from "./refusals.js";
import { targetOf } from "./target.js";
import { Traffic } from "./traffic.js";

/**
 * The life of a request: admitted or refused, routed, authenticated, then handled as a call of its own (a server-side
 * `Call` inside the layers) that decodes it, calls the service below itself, and encodes the answer.
 *
 * The call has the deadline of the request, the tenant and user of the token, and the client's trace; it is aborted
 * when the client goes away. What is refused before a route is known makes no call, so layers do not see it.
 */
export class Edge {
  readonly traffic: Traffic;
  readonly #settings: GatewaySettings;
  readonly #table: RouteTable;
  readonly #decoder: RequestDecoder;
  readonly #dispatcher: Dispatcher;
  readonly #refusals: Refusals;
  readonly #sendOptions: SendOptions;

  constructor(settings: GatewaySettings, table: RouteTable) {
    this.#settings = settings;
    this.#table = table;
    this.traffic = new Traffic(settings.limits.maxInFlight);
    this.#decoder = new RequestDecoder(settings.limits, settings.registry);
    this.#sendOptions = { clock: settings.runtime.clock, ...settings.limits };
    this.#refusals = new Refusals(settings, table, this.traffic, this.#sendOptions);
    const handler: Handler = (exchange: Exchange, call) => this.#handle(exchange, call);
    this.#dispatcher = new Dispatcher(settings.runtime, forwarding(table.routes, handler), settings.layers);
  }

  /** Takes over a request; `awaitsContinue` when nobody has answered its `Expect: 100-continue`. */
  accept(request: IncomingMessage, response: ServerResponse, awaitsContinue: boolean): void {
    const { traffic } = this;
    if (traffic.draining || traffic.full) {
      const error = traffic.draining ? CoreErrors.DRAINING({}, soon) : GatewayErrors.OVERLOADED({}, soon);
      this.#refusals.refuse(request, response, error, awaitsContinue);
      return;
    }
    traffic.enter();
    response.on("close", () => traffic.leave());
    const { path, query } = targetOf(request.url ?? "/");
    const found = this.#table.find(request.method ?? "GET", path);
    if (found === undefined) {
      this.#refusals.unrouted(request, response, path, awaitsContinue);
      return;
    }
    const { value: route, segments } = found;
    let envelope: EnvelopeMode;
    try {
      envelope = this.#envelope(request, route);
    } catch (thrown) {
      this.#refusals.refuse(request, response, RpcError.from(thrown), awaitsContinue);
      return;
    }
    const exchange = new Exchange({ request, response, route, segments, query, envelope, awaitsContinue });
    this.#run(exchange).catch((error: unknown) => {
      this.#settings.runtime.logger.error("an answer could not be sent", { error });
      response.destroy();
    });
  }

  abortAll(): void {
    this.#dispatcher.abortAll();
  }

  async #run(exchange: Exchange): Promise<void> {
    const { method } = exchange.route;
    let deadline: number | undefined;
    try {
      deadline = this.#deadline(exchange);
      if (method.access !== Access.PUBLIC) await this.#authenticate(exchange, deadline);
      await this.#checkSignature(exchange, deadline);
    } catch (thrown) {
      // Not answered yet: the call is made all the same, so that layers see and count the refusal.
      exchange.refusal = RpcError.from(thrown);
      if (exchange.refusal !== thrown)
        this.#settings.runtime.logger.error("the token verifier failed", { error: thrown });
    }
    if (exchange.over) return;
    const call = this.#callOf(exchange, deadline);
    exchange.response.on("close", () => {
      if (!call.settled) call.abort(CoreErrors.CANCELLED({ method: call.name, why: "the client went away" }));
    });
    this.#send(exchange, call, await this.#answer(exchange, call));
  }

  #deadline({ request, route }: Exchange): number {
    const { runtime, limits } = this.#settings;
    return deadlineOf(request.headers["grpc-timeout"], route.method, runtime, limits.maxTimeoutMs);
  }

  async #authenticate(exchange: Exchange, deadline: number): Promise<void> {
    const { verifier, runtime } = this.#settings;
    exchange.claims = await authenticate(exchange.route, exchange.request, verifier, runtime, deadline);
  }

  async #checkSignature(exchange: Exchange, deadline: number): Promise<void> {
    const { signatures, runtime } = this.#settings;
    const { request, route, claims } = exchange;
    if (signatures === undefined || !signatures.requires(route.method, claims)) return;
    const method = request.method ?? "GET";
    const signed = { method, target: request.url ?? "/", header: headerOf(request, signatures.header), claims };
    exchange.checkBody = await before(deadline, signatures.verify(signed), route.method, runtime);
  }

  #clientAddress(request: IncomingMessage): string {
    const forwardedFor = headerOf(request, "x-forwarded-for");
    return clientAddress(request.socket.remoteAddress, forwardedFor, this.#settings.proxies);
  }

  #callOf({ request, route, claims }: Exchange, deadline: number | undefined): Call {
    return this.#dispatcher.accept(route.method, {
      deadline,
      peer: { identity: "", address: addressOf(request) },
      user: claims === undefined ? undefined : userOf(claims),
      tenant: claims === undefined || claims.tenant === "" ? this.#settings.tenant : claims.tenant,
      traceparent: headerOf(request, "traceparent"),
    });
  }

  async #answer(exchange: Exchange, call: Call): Promise<Answer> {
    const served = this.#dispatcher.require(call.name);
    try {
      return (await superviseUnary(served.handler, exchange, call)) as Answer;
    } catch (thrown) {
      const error = RpcError.from(thrown);
      if (hiddenMessage(error) !== undefined) call.log.error("a call failed inside the platform", { error });
      return failureAnswer(error, exchange.envelope, this.#settings.answers);
    }
  }

  /** Inside the layers. */
  async #handle(exchange: Exchange, call: Call): Promise<Answer> {
    if (exchange.refusal !== undefined) throw exchange.refusal;
    const { route } = exchange;
    let metadata = passedMetadata(route.passHeaders, exchange.request.headers);
    if (route.passClientAddress) {
      metadata ??= new Metadata();
      metadata.set("client-address", this.#clientAddress(exchange.request));
    }
    const message = await this.#decoder.decode(route, exchange, call);
    const options: CallOptions = {
      // The client may have asked for longer than the contract's default.
      timeoutMs: call.remaining(),
      ...(metadata === undefined ? {} : { metadata }),
      ...(call.user === undefined ? {} : { user: call.user }),
    };
    const response = await (this.#settings.runtime.start(call, route.method, message, options) as Promise<Message>);
    return successAnswer(route, response, exchange.envelope, this.#settings.answers);
  }

  #send(exchange: Exchange, call: Call, answer: Answer): void {
    const { request, response, route, awaitsContinue } = exchange;
    const cacheable = route.httpMethod === "GET" && route.method.access === Access.PUBLIC && call.error === undefined;
    const context = { traceId: call.trace.traceId, close: this.traffic.draining, cacheable, awaitsContinue };
    sendAnswer(request, response, answer, context, this.#sendOptions);
  }

  /** Another platform's callback is answered in its own format, whatever the gateway's clients want. */
  #envelope(request: IncomingMessage, route: Route): EnvelopeMode {
    const { envelope } = this.#settings;
    if (route.rawBody) return "none";
    return envelope.header === false ? envelope.mode : envelopeOf(headerOf(request, envelope.header), envelope);
  }
}

function userOf({ subject, roles, scopes }: TokenClaims): EndUser {
  return scopes === undefined ? { subject, roles } : { subject, roles, scopes };
}

/** The routed methods as services of this process whose functions pass the request on. */
function forwarding(routes: readonly Route[], handler: Handler): Service[] {
  const services = new Map<DescService, Map<Method, Handler>>();
  for (const { method } of routes) {
    const handlers = services.get(method.desc.parent) ?? new Map<Method, Handler>();
    services.set(method.desc.parent, handlers.set(method, handler));
  }
  return [...services].map(([desc, handlers]) => ({ desc, handlers }));
}
