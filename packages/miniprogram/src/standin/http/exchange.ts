import type { IncomingHttpHeaders } from "node:http";
import { type JsonObject, parseObject } from "../../json-fields.js";

/** A request that was read whole. */
export interface StandinRequest {
  readonly method: string;
  /** Path and query exactly as they were sent: what is signed. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface StandinReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes for what is no text, such as a packed file. */
  readonly body: string | Buffer;
}

/** `parameters` are what the groups of the route's pattern matched, decoded. */
export type Handle = (request: StandinRequest, parameters: readonly string[]) => StandinReply | Promise<StandinReply>;

export interface Route {
  readonly method: "GET" | "POST";
  readonly path: RegExp;
  readonly handle: Handle;
  /** False: this request is for a later route of the same path. */
  readonly accepts?: (request: StandinRequest) => boolean;
  /** How this route fails on purpose, where it is not as WeChat's do. */
  readonly failures?: RouteFailures;
}

/** What a route answers to the faults that tests order. A fault that is not here spoils the answer in no way. */
export interface RouteFailures {
  busy(request: StandinRequest): StandinReply | Promise<StandinReply>;
  rateLimited(request: StandinRequest): StandinReply | Promise<StandinReply>;
  forged?(reply: StandinReply): StandinReply;
  unsigned?(reply: StandinReply): StandinReply;
}

export function json(status: number, value: unknown): StandinReply {
  return { status, headers: { "content-type": "application/json; charset=utf-8" }, body: JSON.stringify(value) };
}

/** The body as an object; undefined when it is none, or is not declared as JSON. */
export function jsonBody(request: StandinRequest): JsonObject | undefined {
  if (!/^application\/json\b/i.test(request.headers["content-type"] ?? "")) return undefined;
  return parseObject(request.body);
}

/** Thrown by a handler: the connection breaks instead of an answer. */
export const dropped: Error = new Error("the connection is dropped on purpose");
