import type { Peer as CallPeer, Inbound } from "@sampan/core";
import { type Connection, type ConnectionListener, ErrorCode, type HeaderList, type Stream } from "@sampan/h2";
import type { Caller } from "../tls/peer-identity.js";
import type { LeavingConnection } from "../tls/server-credentials.js";
import { Answer } from "./answer.js";
import { refusalHeaders } from "./answer-headers.js";
import { type RequestHead, readHead } from "./request-head.js";
import type { ServedMethod } from "./served-method.js";
import { ServerCall } from "./server-call.js";
import { withoutErrorInfo } from "./without-error-info.js";

/** What the connections of a listener share. */
export interface Serving {
  readonly methods: ReadonlyMap<string, ServedMethod>;
  /** Responses are compressed for callers that accept it. */
  readonly gzip: boolean;
  /** Our own errors carry the reason they are registered under. */
  readonly transportErrorInfo: boolean;
}

/** Turns the streams of one connection into calls. */
export class ServerConnection implements ConnectionListener, LeavingConnection {
  /** Called when the connection is gone. */
  gone: () => void = () => {};
  private readonly connection: Connection;
  /** The same, as answers are written to it. */
  private readonly answering: Connection;
  private readonly serving: Serving;
  private readonly caller: Caller;
  /** Whether this caller's `x-sampan-*` headers are believed. */
  private readonly trusted: boolean;
  private peer: CallPeer;
  private leaving = false;

  constructor(connection: Connection, serving: Serving, caller: Caller, trusted: boolean) {
    this.connection = connection;
    this.answering = serving.transportErrorInfo ? connection : withoutErrorInfo(connection);
    this.serving = serving;
    this.caller = caller;
    this.trusted = trusted;
    this.peer = { identity: caller.certified, address: caller.address };
  }

  leave(): void {
    this.leaving = true;
    this.connection.drain(0);
  }

  end(why: string): void {
    this.connection.close(ErrorCode.NO_ERROR, why);
  }

  onClose(): void {
    this.gone();
  }

  onHeaders(stream: Stream, headers: HeaderList, end: boolean): void {
    if (this.leaving) {
      // What was racing the GOAWAY: its client may send it elsewhere, because nothing was done.
      this.connection.reset(stream, ErrorCode.REFUSED_STREAM);
      return;
    }
    // Hot: requests with the same headers share one parsed head (bench `unary`, constant headers).
    let head = headers.derived as RequestHead | undefined;
    if (head === undefined) {
      head = readHead(headers, this.serving.methods);
      headers.derived = head;
    }
    if (head.refusal !== 0) {
      this.connection.sendHeaders(stream, refusalHeaders(head.refusal), undefined, true);
    } else if (head.error !== undefined) {
      new Answer(this.answering, stream, false).fail(head.error);
    } else {
      const call = this.accept(stream, head, head.method as ServedMethod);
      stream.app = call;
      if (end) call.onEnd();
    }
  }

  onData(stream: Stream, chunk: Buffer, start: number, end: number, last: boolean): void {
    const call = stream.app as ServerCall | undefined;
    if (call === undefined) this.connection.consume(stream, end - start);
    else call.onData(chunk, start, end, last);
  }

  onTrailers(stream: Stream): void {
    (stream.app as ServerCall | undefined)?.onEnd();
  }

  onReset(stream: Stream): void {
    (stream.app as ServerCall | undefined)?.onReset();
  }

  onWritable(stream: Stream): void {
    (stream.app as ServerCall | undefined)?.onWritable();
  }

  private accept(stream: Stream, head: RequestHead, method: ServedMethod): ServerCall {
    const { dispatcher, served } = method;
    const timeout = head.timeout ?? method.defaultTimeoutMs;
    const context = this.trusted ? head.context : undefined;
    const inbound: Inbound = {
      deadline: timeout === undefined ? undefined : dispatcher.runtime.clock.now() + timeout,
      // A copy, because the head is shared and a handler may change what it is given.
      metadata: head.metadata?.copy(),
      peer: context === undefined || this.caller.certified !== "" ? this.peer : this.peerNamed(context.caller),
      user: context?.user,
      tenant: context?.tenant,
      releaseTag: context?.releaseTag,
      baggage: context?.baggage,
      traceparent: head.traceparent,
    };
    const call = dispatcher.accept(served.method, inbound);
    return new ServerCall(this.answering, stream, method, call, head.encoding, this.serving.gzip && head.acceptsGzip);
  }

  /** Callers on one connection mostly have one name, so one object serves all their calls. */
  private peerNamed(identity: string): CallPeer {
    if (this.peer.identity !== identity) this.peer = { identity, address: this.caller.address };
    return this.peer;
  }
}
