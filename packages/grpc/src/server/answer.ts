import { type Call, RpcError } from "@sampan/core";
import type { Connection, Stream } from "@sampan/h2";
import type { MessageCodec } from "../codec/message-codec.js";
import { sendMessage } from "../codec/send-message.js";
import { appendMetadata } from "../wire/metadata-fields.js";
import { failureFields } from "../wire/status-fields.js";
import { gzipResponseHeaders, noFields, okTrailers, responseHeaders } from "./answer-headers.js";

/**
 * The server's half of one stream as it is written: headers, messages, trailers. What is sent on a stream that is gone
 * is ignored by the engine, so nobody has to ask first.
 */
export class Answer {
  readonly connection: Connection;
  readonly stream: Stream;
  private readonly gzip: boolean;
  private headersSent = false;

  constructor(connection: Connection, stream: Stream, gzip: boolean) {
    this.connection = connection;
    this.stream = stream;
    this.gzip = gzip;
  }

  /** Throws what the codec and reserved metadata throw, before anything is written. False: wait for `onWritable`. */
  message(call: Call, codec: MessageCodec, message: object): boolean {
    const octets = codec.encode(message);
    if (!this.headersSent) this.headers(call);
    return sendMessage(this.connection, this.stream, octets, this.gzip, false);
  }

  /** Hot: a unary call that went well; three frames, the first and the last of them constant. */
  unary(call: Call, codec: MessageCodec, message: object): void {
    const octets = codec.encode(message);
    const trailers = trailerFields(call);
    this.headers(call);
    sendMessage(this.connection, this.stream, octets, this.gzip, false);
    this.connection.sendHeaders(this.stream, okTrailers, trailers, true);
  }

  end(call: Call): void {
    const trailers = trailerFields(call);
    if (!this.headersSent) this.headers(call);
    this.connection.sendHeaders(this.stream, okTrailers, trailers, true);
  }

  /** Trailers only, when nothing was sent and there are no headers to send. */
  fail(error: RpcError, call?: Call): void {
    const fields = safeFailure(error, call);
    const headers = call?.peekHeaders();
    if (!this.headersSent && headers !== undefined && headers.size > 0) this.safeHeaders(call as Call);
    const template = this.headersSent ? noFields : responseHeaders;
    this.headersSent = true;
    this.connection.sendHeaders(this.stream, template, fields, true);
  }

  private headers(call: Call): void {
    const headers = call.peekHeaders();
    let fields: string[] | undefined;
    if (headers !== undefined) appendMetadata((fields = []), headers);
    this.headersSent = true;
    this.connection.sendHeaders(this.stream, this.gzip ? gzipResponseHeaders : responseHeaders, fields, false);
  }

  private safeHeaders(call: Call): void {
    try {
      this.headers(call);
    } catch {
      // The call has failed for another reason, which matters more than its headers.
    }
  }
}

function trailerFields(call: Call): string[] | undefined {
  const trailers = call.peekTrailers();
  if (trailers === undefined) return undefined;
  const fields: string[] = [];
  appendMetadata(fields, trailers);
  return fields;
}

/** Metadata that cannot be sent must not hide the failure, nor fail the failing. */
function safeFailure(error: RpcError, call: Call | undefined): readonly string[] {
  try {
    return failureFields(error, call?.peekTrailers());
  } catch (thrown) {
    const { message, details } = RpcError.from(thrown);
    return failureFields(new RpcError(error.code, `${error.message} (${message})`, { details }), undefined);
  }
}
