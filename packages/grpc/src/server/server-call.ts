import { type Call, CoreErrors, RpcError, superviseStream, superviseUnary } from "@sampan/core";
import type { Connection, Stream } from "@sampan/h2";
import { openMessage } from "../codec/open-message.js";
import { GrpcErrors } from "../errors.js";
import { MessageQueue, type QueueOwner } from "../wire/message-queue.js";
import { lengthAt, MessageReader, type MessageSink, prefixLength } from "../wire/message-reader.js";
import { Answer } from "./answer.js";
import { ResponsePump } from "./response-pump.js";
import type { ServedMethod } from "./served-method.js";

/**
 * One call on the server, from its headers to its trailers: requests in, handler, responses out. One class for all four
 * kinds, so that `stream.app` has one shape (bench `unary`).
 *
 * Whatever ends it (response, error, deadline, the caller's reset) settles the call, and its stream gets exactly one end.
 */
export class ServerCall implements MessageSink, QueueOwner {
  private readonly method: ServedMethod;
  private readonly call: Call;
  private readonly answer: Answer;
  private readonly encoding: string;
  /** Made for requests that do not come in one piece. */
  private reader: MessageReader | undefined = undefined;
  private request: object | undefined = undefined;
  private readonly queue: MessageQueue | undefined;
  private pump: ResponsePump | undefined = undefined;
  private started = false;

  constructor(
    connection: Connection,
    stream: Stream,
    method: ServedMethod,
    call: Call,
    encoding: string,
    gzip: boolean,
  ) {
    this.method = method;
    this.call = call;
    this.encoding = encoding;
    this.answer = new Answer(connection, stream, gzip);
    if (method.served.method.clientStreams) {
      const queue = new MessageQueue(this);
      this.queue = queue;
      call.onAbort((error) => queue.abort(error));
      call.onSettle(() => void queue.return());
      this.start(queue);
    } else {
      this.queue = undefined;
      // Until there is a request to start with, nobody else would answer.
      call.onAbort((error) => {
        if (!this.started) this.answer.fail(error, call);
      });
    }
  }

  onData(chunk: Buffer, start: number, end: number, last: boolean): void {
    if (this.reader === undefined && isOneMessage(chunk, start, end, this.method.reading.limit)) {
      this.onMessage(chunk, start + prefixLength, end, chunk[start] as number, end - start, 0);
    } else if (end > start) {
      this.partial().take(chunk, start, end);
    }
    if (last) this.onEnd();
  }

  onEnd(): void {
    if (this.reader !== undefined && !this.reader.between) {
      this.refuse(GrpcErrors.BAD_MESSAGE({ method: this.call.name, why: "the stream ended inside it" }));
    } else if (this.queue !== undefined) {
      this.queue.end();
    } else if (this.request === undefined) {
      this.refuse(GrpcErrors.WRONG_MESSAGE_COUNT({ method: this.call.name, count: "0" }));
    } else {
      this.start(this.request);
    }
  }

  onReset(): void {
    this.call.abort(CoreErrors.CANCELLED({ method: this.call.name, why: "its caller is gone" }));
    this.queue?.end();
  }

  onWritable(): void {
    this.pump?.resume();
  }

  onMessage(input: Buffer, start: number, end: number, flag: number, owed: number, held: number): void {
    let message: object;
    try {
      message = openMessage(this.method.reading, this.encoding, flag, input, start, end);
    } catch (thrown) {
      this.onPulled(owed, held);
      this.refuse(RpcError.from(thrown));
      return;
    }
    if (this.queue !== undefined) {
      this.queue.push(message, owed, held);
      return;
    }
    this.onPulled(owed, held);
    if (this.request === undefined) this.request = message;
    else this.refuse(GrpcErrors.WRONG_MESSAGE_COUNT({ method: this.call.name, count: "more" }));
  }

  onOversized(size: number): void {
    const limit = String(this.method.reading.limit);
    this.refuse(CoreErrors.MESSAGE_TOO_LARGE({ method: this.call.name, size: String(size), limit }));
  }

  onOverBudget(): void {
    this.refuse(GrpcErrors.RECEIVE_BUDGET_SPENT({ method: this.call.name }));
  }

  onPulled(owed: number, held: number): void {
    const { connection, stream } = this.answer;
    if (held > 0) connection.release(stream, held);
    connection.consume(stream, owed);
  }

  onEmpty(empty: boolean): void {
    this.partial().setEager(empty);
  }

  /** The handler reads no more requests: what still comes is dropped, so that the caller's windows stay open. */
  onReturned(): void {
    this.partial().stop();
  }

  /** What the caller sent was wrong, and the handler has come to it. */
  onThrown(thrown: unknown): void {
    this.call.abort(RpcError.from(thrown));
  }

  private partial(): MessageReader {
    const { connection, stream } = this.answer;
    return (this.reader ??= new MessageReader(connection, stream, this.method.reading.limit, this));
  }

  /** Ends the call because of what the caller sent: behind the requests before it, when they are a stream. */
  private refuse(error: RpcError): void {
    this.reader?.stop();
    if (this.queue !== undefined) this.queue.end(error);
    else if (!this.started) this.call.abort(error);
  }

  private start(input: unknown): void {
    if (this.started || (this.call.settled && this.queue === undefined)) return;
    this.started = true;
    const { call, answer, method } = this;
    const { served } = method;
    if (served.method.serverStreams) {
      this.pump = new ResponsePump(superviseStream(served.handler, input, call), call, answer, method.output);
      return;
    }
    superviseUnary(served.handler, input, call).then(
      (response) => {
        try {
          answer.unary(call, method.output, response as object);
        } catch (thrown) {
          call.log.error("a response could not be sent", { error: thrown });
          answer.fail(RpcError.from(thrown), call);
        }
      },
      (error: RpcError) => answer.fail(error, call),
    );
  }
}

/** Hot: nearly every unary request is one message in one chunk. */
function isOneMessage(chunk: Uint8Array, start: number, end: number, limit: number): boolean {
  const length = end - start - prefixLength;
  return length >= 0 && length <= limit && lengthAt(chunk, start + 1) === length;
}
