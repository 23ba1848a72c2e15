import { type DescField, type JsonValue, type Message, type Registry, toJson } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { HttpBody } from "@sampan/protos/google/api/httpbody_pb.js";
import { GatewayErrors } from "../errors.js";
import type { Route } from "../routing/routes.js";
import { type Answer, jsonAnswer } from "./answer.js";
import { type EnvelopeMode, wrapSuccess } from "./envelope.js";

/** How answers are written. */
export interface AnswerOptions {
  readonly registry: Registry;
  /** Writes fields that have their zero value too, so that clients without generated code see stable shapes. */
  readonly emitDefaults: boolean;
  /** Wrapped answers are always 200. */
  readonly always200: boolean;
}

/** The answer of a response message. Throws `ANSWER_NOT_ENCODABLE`. */
export function successAnswer(route: Route, response: Message, mode: EnvelopeMode, options: AnswerOptions): Answer {
  const status = mode !== "none" && options.always200 ? 200 : route.successStatus;
  if (route.rawAnswer) return rawAnswer(route, response, status);
  if (status === 204 || status === 205) return { status, headers: {}, body: undefined };
  try {
    const json = JSON.stringify(answerJson(route, response, options));
    return jsonAnswer(status, {}, wrapSuccess(mode, json));
  } catch (error) {
    throw GatewayErrors.ANSWER_NOT_ENCODABLE(
      { method: route.method.path, why: (error as Error).message },
      { cause: error },
    );
  }
}

function answerJson(route: Route, response: Message, options: AnswerOptions): JsonValue {
  const write = { registry: options.registry, alwaysEmitImplicit: options.emitDefaults };
  const field = route.responseBody;
  if (field === undefined) return toJson(route.method.output, response, write);
  if (field.fieldKind === "message") {
    const part = reflect(route.method.output, response);
    return part.isSet(field) ? toJson(field.message, part.get(field).message, write) : null;
  }
  // Lists, maps and scalars have no JSON writer of their own; written with defaults, so that an empty list is `[]`.
  const whole = toJson(route.method.output, response, { ...write, alwaysEmitImplicit: true }) as Record<
    string,
    JsonValue
  >;
  return whole[field.jsonName] ?? null;
}

function rawAnswer(route: Route, response: Message, status: number): Answer {
  const field = route.responseBody as (DescField & { fieldKind: "message" }) | undefined;
  const message = field === undefined ? response : reflect(route.method.output, response).get(field).message;
  const { contentType, data } = message as HttpBody;
  // A content type is a header: what could not be one must not break the answer, nor split it.
  const safe = /^[\x20-\x7e]+$/.test(contentType) ? contentType : "application/octet-stream";
  return {
    status,
    headers: { "content-type": safe },
    body: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  };
}
