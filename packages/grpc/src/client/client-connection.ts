import type { Connection, ConnectionListener, HeaderList, Stream } from "@sampan/h2";
import type { ClientCall } from "./client-call.js";

/** What a connection tells its subchannel. */
export interface ConnectionOwner {
  /** The server's SETTINGS are known, or a stream has become free. */
  onCapacity(connection: ClientConnection): void;
  /** The server takes no new streams. `tooManyPings`: our keepalive asks too often (gRFC A8). */
  onLeaving(connection: ClientConnection, tooManyPings: boolean): void;
  onClosed(connection: ClientConnection, why: string): void;
}

/** Brings the events of one connection to its calls. */
export class ClientConnection implements ConnectionListener {
  readonly connection: Connection;
  /** Ends the watch over the server's certificate. */
  unvouch: () => void = () => {};
  private readonly owner: ConnectionOwner;
  private readonly maxInFlight: number;
  /** Stream events come before `onClose`, so what is known of the end is kept for them. */
  private goodbye = "";

  constructor(connection: Connection, owner: ConnectionOwner, maxInFlight: number) {
    this.connection = connection;
    this.owner = owner;
    this.maxInFlight = maxInFlight;
  }

  /** Hot: whether a call may be opened now. */
  get free(): boolean {
    const { connection } = this;
    return connection.streamCount < this.maxInFlight && connection.capacity > 0;
  }

  /** Ends the calls too; `why` is what they hear. */
  end(why: string): void {
    this.goodbye = why;
    this.connection.close();
  }

  onHeaders(stream: Stream, headers: HeaderList, end: boolean): void {
    (stream.app as ClientCall).onHeaders(headers, end);
    if (end) this.owner.onCapacity(this);
  }

  onData(stream: Stream, chunk: Buffer, start: number, end: number, last: boolean): void {
    (stream.app as ClientCall).onData(chunk, start, end, last);
  }

  onTrailers(stream: Stream, trailers: HeaderList): void {
    (stream.app as ClientCall).onTrailers(trailers);
    this.owner.onCapacity(this);
  }

  onReset(stream: Stream, code: number, unprocessed: boolean): void {
    const lost = this.connection.state === "closed" ? this.goodbye || "the connection was lost" : undefined;
    (stream.app as ClientCall).onReset(code, unprocessed, lost);
    this.owner.onCapacity(this);
  }

  onWritable(stream: Stream): void {
    (stream.app as ClientCall).onWritable();
  }

  onCapacity(): void {
    this.owner.onCapacity(this);
  }

  onGoaway(code: number, _lastId: number, text: string): void {
    this.goodbye = text === "" ? "the server is going away" : text;
    this.owner.onLeaving(this, code === 11 && text === "too_many_pings");
  }

  onClose(_code: number, text: string): void {
    this.owner.onClosed(this, this.goodbye || text);
  }
}
