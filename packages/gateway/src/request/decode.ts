import type { IncomingMessage } from "node:http";
import { create, type DescField, fromJson, type JsonValue, type Message, type Registry } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { Call } from "@sampan/core";
import { HttpBodySchema } from "@sampan/protos/google/api/httpbody_pb.js";
import { GatewayErrors } from "../errors.js";
import type { Route } from "../routing/routes.js";
import { readBody } from "./body.js";
import { explain, explainField } from "./explain.js";
import { bindIdempotencyKey } from "./idempotency-key.js";
import { parseJson } from "./json-text.js";
import { requireJson, requirePlain } from "./media-type.js";
import { bindPath } from "./path-variables.js";
import { bindQuery } from "./query.js";
import { invalidRequest, shorten, type Violation } from "./violations.js";

export interface DecodeLimits {
  readonly maxBodyBytes: number;
  readonly maxJsonDepth: number;
}

/** The parts of an HTTP request that make a message. */
export interface HttpParts {
  readonly request: IncomingMessage;
  readonly segments: readonly string[];
  /** Without the question mark; still encoded. */
  readonly query: string;
  /** Called before the body is read. */
  askForBody(): void;
  /** Called with the whole body; what it throws refuses the request. */
  readonly checkBody?: ((body: Uint8Array) => void) | undefined;
}

/**
 * The input message of a request: body first, then path, query and `Idempotency-Key`. An empty body is the empty
 * message, or leaves the body field unset; what must be there is for the contract's rules to say, behind the edge.
 */
export class RequestDecoder {
  readonly #limits: DecodeLimits;
  readonly #registry: Registry;

  constructor(limits: DecodeLimits, registry: Registry) {
    this.#limits = limits;
    this.#registry = registry;
  }

  async decode(route: Route, parts: HttpParts, call: Call): Promise<Message> {
    const { request } = parts;
    const body = await readBody(parts, this.#limits.maxBodyBytes, call);
    parts.checkBody?.(body);
    const message = this.#fromBody(route, request, body);
    const violations: Violation[] = [];
    if (route.variables.length > 0) bindPath(route, parts.segments, message, violations);
    if (parts.query !== "") bindQuery(route, parts.query, message, violations);
    if (route.takesIdempotencyKey) bindIdempotencyKey(route, request.headers["idempotency-key"], message);
    if (violations.length > 0) throw invalidRequest(violations);
    return message;
  }

  #fromBody(route: Route, request: IncomingMessage, body: Buffer): Message {
    const { input } = route.method;
    if (route.rawBody) return rawMessage(route, request, body);
    if (body.length === 0) return create(input);
    if (route.body === undefined) {
      throw invalidRequest([{ field: "", reason: "UNKNOWN", description: "this method takes no body" }]);
    }
    requireJson(request.headers);
    const json = parseJson(body, this.#limits.maxJsonDepth);
    const field = route.body === "*" ? undefined : route.body;
    try {
      return fromJson(input, field === undefined ? json : { [field.jsonName]: json }, { registry: this.#registry });
    } catch (error) {
      throw this.#refusal(route, field, json, error as Error);
    }
  }

  #refusal(route: Route, field: DescField | undefined, json: JsonValue, error: Error): Error {
    const found =
      field === undefined
        ? explain(route.method.input, json, this.#registry)
        : explainField(field, json, this.#registry);
    if (found.length > 0) return invalidRequest(found);
    return GatewayErrors.MALFORMED_BODY({ why: shorten(error.message) });
  }
}

function rawMessage(route: Route, request: IncomingMessage, data: Buffer): Message {
  requirePlain(request.headers);
  const contentType = request.headers["content-type"] ?? "";
  const message = create(route.method.input);
  if (data.length === 0 && contentType === "") return message;
  const raw = create(HttpBodySchema, { contentType, data });
  if (route.body === "*") return raw;
  reflect(route.method.input, message).set(route.body as DescField, reflect(HttpBodySchema, raw));
  return message;
}
