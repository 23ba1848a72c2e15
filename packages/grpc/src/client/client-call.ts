import { type Call, Code, CoreErrors, type Method, RpcError } from "@sampan/core";
import { type Connection, ErrorCode, errorCodeName, type HeaderList, type Stream } from "@sampan/h2";
import { openMessage } from "../codec/open-message.js";
import { sendMessage } from "../codec/send-message.js";
import { GrpcErrors } from "../errors.js";
import { appendContext } from "../wire/context-fields.js";
import { MessageQueue, type QueueOwner } from "../wire/message-queue.js";
import { MessageReader, type MessageSink } from "../wire/message-reader.js";
import { appendMetadata } from "../wire/metadata-fields.js";
import { codeFromReset } from "../wire/status-codes.js";
import { errorOf } from "../wire/status-fields.js";
import { formatTimeout } from "../wire/timeout.js";
import type { MethodPlan } from "./method-plan.js";
import { RequestPump } from "./request-pump.js";
import { endOf, type ResponseHead, responseHead, withoutStatus } from "./response-head.js";

/** What a call needs of its channel. */
export interface CallOwner {
  readonly gzip: boolean;
  readonly replayBytes: number;
  onBegun(): void;
  /** Opens the call on a connection, now or when there is one; or fails it. */
  dispatch(call: ClientCall): void;
  /** Once for each call that has begun; it waits no longer. */
  onEnded(call: ClientCall): void;
}

type Settle = (value: unknown) => void;

/**
 * One call on the client, from its request to its status. One class for all four kinds, so that `stream.app` has one
 * shape (bench `client`).
 *
 * It ends once: with a status, a local failure, or when `call` settles for another reason, such as its deadline or its
 * caller; then its stream is reset with CANCEL. A stream that the server has certainly not acted on is opened once more.
 */
export class ClientCall implements MessageSink, QueueOwner {
  readonly call: Call;
  private readonly owner: CallOwner;
  private readonly plan: MethodPlan;
  private readonly request: object | undefined;
  private readonly pump: RequestPump | undefined;
  /** Of a response stream. */
  private readonly queue: MessageQueue | undefined;
  private readonly resolve: Settle | undefined;
  private readonly reject: Settle | undefined;
  private connection: Connection | undefined = undefined;
  private stream: Stream | undefined = undefined;
  private reader: MessageReader | undefined = undefined;
  private head: ResponseHead | undefined = undefined;
  private response: object | undefined = undefined;
  private retried = false;
  private ended = false;

  /** `resolve` and `reject` are for methods with one response; for the others see `responses`. */
  constructor(
    owner: CallOwner,
    plan: MethodPlan,
    method: Method,
    request: unknown,
    call: Call,
    resolve?: Settle,
    reject?: Settle,
  ) {
    this.owner = owner;
    this.plan = plan;
    this.call = call;
    this.resolve = resolve;
    this.reject = reject;
    this.queue = resolve === undefined ? new MessageQueue(this) : undefined;
    if (method.clientStreams) {
      this.request = undefined;
      this.pump = new RequestPump(request as AsyncIterable<unknown>, {
        codec: plan.input,
        gzip: owner.gzip,
        replayBytes: owner.replayBytes,
        failed: (error) => this.fail(error),
      });
    } else {
      this.request = request as object;
      this.pump = undefined;
    }
    owner.onBegun();
    call.onSettle((error) => {
      if (!this.ended)
        this.fail(error ?? CoreErrors.CANCELLED({ method: call.name, why: "it was answered otherwise" }));
    });
  }

  /** The response stream of a method that has one. */
  get responses(): AsyncIterableIterator<unknown> {
    return this.queue as MessageQueue;
  }

  /** Sends the call on a connection. False when it takes no more streams now. */
  open(connection: Connection): boolean {
    if (this.ended) return true;
    try {
      const { plan, pump } = this;
      const octets = this.request === undefined ? undefined : plan.input.encode(this.request);
      const stream = connection.open(plan.headers, this.perCallFields(), false, this);
      if (stream === undefined) return false;
      this.connection = connection;
      this.stream = stream;
      this.call.unprocessed = false;
      if (octets !== undefined) sendMessage(connection, stream, octets, this.owner.gzip, true);
      else pump?.attach(connection, stream);
    } catch (thrown) {
      this.fail(RpcError.from(thrown));
    }
    return true;
  }

  private perCallFields(): string[] {
    const { call } = this;
    const fields: string[] = [];
    if (call.deadline !== Number.POSITIVE_INFINITY) fields.push("grpc-timeout", formatTimeout(call.remaining()));
    appendContext(fields, call);
    const metadata = call.peekMetadata();
    if (metadata !== undefined) appendMetadata(fields, metadata);
    return fields;
  }

  onHeaders(headers: HeaderList, end: boolean): void {
    const head = responseHead(headers);
    this.head = head;
    this.pump?.commit();
    if (end) {
      this.finish(headers, true);
      return;
    }
    if (!head.isGrpc) {
      this.fail(withoutStatus(this.call.name, head));
    } else if (head.metadata !== undefined) {
      this.call.responseHeaders.appendAll(head.metadata);
    }
  }

  onData(chunk: Buffer, start: number, end: number, last: boolean): void {
    if (end > start) {
      const { connection, stream } = this;
      this.reader ??= new MessageReader(connection as Connection, stream as Stream, this.plan.reading.limit, this);
      this.reader.take(chunk, start, end);
    }
    if (last && !this.ended) this.fail(withoutStatus(this.call.name, this.head));
  }

  onTrailers(trailers: HeaderList): void {
    if (!this.ended) this.finish(trailers, false);
  }

  onWritable(): void {
    this.pump?.resume();
  }

  /** The stream is gone. `lost` says why, when its connection is gone with it. */
  onReset(code: number, unprocessed: boolean, lost: string | undefined): void {
    if (this.ended) return;
    this.stream = undefined;
    this.call.unprocessed = unprocessed;
    if (unprocessed && !this.retried && this.head === undefined && this.pump?.replayable !== false) {
      this.retried = true;
      this.reader = undefined;
      this.owner.dispatch(this);
      return;
    }
    const method = this.call.name;
    if (lost !== undefined) this.fail(CoreErrors.UNAVAILABLE({ service: method, why: lost }));
    // Servers may end a call at its deadline with CANCEL, and their timer may be the first to fire.
    else if (code === ErrorCode.CANCEL && this.call.remaining() <= 1)
      this.fail(CoreErrors.DEADLINE_EXCEEDED({ method }));
    else this.fail(resetError(method, code));
  }

  onMessage(input: Buffer, start: number, end: number, flag: number, owed: number, held: number): void {
    let message: object;
    try {
      message = openMessage(this.plan.reading, this.head?.encoding ?? "identity", flag, input, start, end);
    } catch (thrown) {
      this.onPulled(owed, held);
      this.failBehindMessages(RpcError.from(thrown));
      return;
    }
    if (this.queue !== undefined) {
      this.queue.push(message, owed, held);
      return;
    }
    this.onPulled(owed, held);
    if (this.response === undefined) this.response = message;
    else this.fail(GrpcErrors.WRONG_MESSAGE_COUNT({ method: this.call.name, count: "more" }));
  }

  onOversized(size: number): void {
    const limit = String(this.plan.reading.limit);
    this.failBehindMessages(CoreErrors.MESSAGE_TOO_LARGE({ method: this.call.name, size: String(size), limit }));
  }

  onOverBudget(): void {
    this.failBehindMessages(GrpcErrors.RECEIVE_BUDGET_SPENT({ method: this.call.name }));
  }

  onPulled(owed: number, held: number): void {
    const { connection, stream } = this;
    if (connection === undefined || stream === undefined) return;
    if (held > 0) connection.release(stream, held);
    connection.consume(stream, owed);
  }

  onEmpty(empty: boolean): void {
    this.reader?.setEager(empty);
  }

  onReturned(): void {
    this.fail(CoreErrors.CANCELLED({ method: this.call.name, why: "its reader stopped reading" }));
  }

  private finish(trailers: HeaderList, isTrailersOnly: boolean): void {
    const end = endOf(trailers, isTrailersOnly);
    if (end.metadata !== undefined) this.call.responseTrailers.appendAll(end.metadata);
    const unfinished = this.reader !== undefined && !this.reader.between;
    if (end.code === undefined) this.fail(withoutStatus(this.call.name, this.head));
    else if (end.code !== Code.OK) this.fail(errorOf(end, end.code));
    else if (unfinished)
      this.fail(GrpcErrors.BAD_MESSAGE({ method: this.call.name, why: "the stream ended inside it" }));
    else if (this.queue !== undefined) this.succeed();
    else if (this.response !== undefined) this.succeed();
    else this.fail(GrpcErrors.WRONG_MESSAGE_COUNT({ method: this.call.name, count: "0" }));
  }

  private succeed(): void {
    this.ended = true;
    this.owner.onEnded(this);
    this.pump?.stop();
    this.letGo(ErrorCode.NO_ERROR);
    if (this.queue !== undefined) this.queue.end();
    else this.resolve?.(this.response);
  }

  /** Fails the call here; the server, if it still works on it, hears CANCEL. */
  fail(error: RpcError): void {
    if (this.ended) return;
    this.ended = true;
    if (this.connection === undefined) this.call.unprocessed = true;
    this.owner.onEnded(this);
    this.pump?.stop();
    this.letGo(ErrorCode.CANCEL);
    if (this.queue !== undefined) this.queue.end(error);
    else this.reject?.(error);
  }

  private failBehindMessages(error: RpcError): void {
    this.reader?.stop();
    this.fail(error);
  }

  /** Gives the stream up where the engine still has it: a status may come before our requests have ended. */
  private letGo(code: number): void {
    const { connection, stream } = this;
    if (connection === undefined || stream === undefined || stream.closed) return;
    if (!stream.remoteOpen && !stream.localOpen) return;
    connection.reset(stream, code);
  }
}

function resetError(method: string, code: number): RpcError {
  const { message, details } = GrpcErrors.STREAM_RESET({ method, reason: errorCodeName(code) });
  return new RpcError(codeFromReset(code), message, { details });
}
