import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Clock } from "@sampan/core";
import { announcesBody } from "../request/body.js";
import type { Answer } from "./answer.js";

export interface SendOptions {
  readonly clock: Clock;
  readonly lingerTimeoutMs: number;
  readonly writeTimeoutMs: number;
}

/** What the answer's headers depend on beside the answer. */
export interface SendContext {
  readonly traceId: string;
  /** Ask the client to open a new connection for its next request. */
  readonly close: boolean;
  /** The answer may be kept by caches. */
  readonly cacheable: boolean;
  /** The client has not been told to send its body, and will not. */
  readonly awaitsContinue: boolean;
}

/** A refused body up to this size is taken off the connection, so that the connection can be kept. */
const drainableBytes = 64 * 1024;

/** Sends the answer; does nothing when the client has gone. */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  context: SendContext,
  options: SendOptions,
): void {
  if (response.destroyed || response.headersSent) return;
  const unread = announcesBody(request) && !request.complete;
  const small = Number(request.headers["content-length"] ?? Number.POSITIVE_INFINITY) <= drainableBytes;
  const closing = context.close || (unread && (!small || context.awaitsContinue));
  response.writeHead(answer.status, headersOf(answer, context, closing));
  if (unread && closing && !context.awaitsContinue) {
    linger(request, response, answer.body, options);
    return;
  }
  response.end(answer.body);
  if (unread) request.resume();
  // Only a client that reads slower than we write leaves something in the socket.
  const { socket } = request;
  if (socket.writableLength > 0) socket.setTimeout(options.writeTimeoutMs);
}

function headersOf(answer: Answer, context: SendContext, closing: boolean): OutgoingHttpHeaders {
  const { headers } = answer;
  if (answer.body !== undefined) headers["content-length"] = Buffer.byteLength(answer.body);
  headers["trace-id"] = context.traceId;
  headers["x-content-type-options"] = "nosniff";
  if (!context.cacheable) headers["cache-control"] = "no-store";
  if (closing) headers.connection = "close";
  return headers;
}

/**
 * Closing a socket that still has unread bytes resets it, and the client loses the answer it has not read yet. So the
 * answer is written, and the rest of the body thrown away for a while, before the end closes the connection.
 */
function linger(request: IncomingMessage, response: ServerResponse, body: Answer["body"], options: SendOptions): void {
  response.flushHeaders();
  if (body !== undefined) response.write(body);
  const stop = (): void => {
    cancel();
    request.off("end", stop).off("close", stop);
    response.end();
  };
  const cancel = options.clock.timer(options.lingerTimeoutMs, stop, { background: true });
  request.on("end", stop).on("close", stop).resume();
}
