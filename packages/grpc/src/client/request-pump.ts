import { RpcError } from "@sampan/core";
import type { Connection, Stream } from "@sampan/h2";
import type { MessageCodec } from "../codec/message-codec.js";
import { sendMessage, sendOctets } from "../codec/send-message.js";
import type { Encoded } from "../codec/wire-writer.js";

export interface PumpSettings {
  readonly codec: MessageCodec;
  readonly gzip: boolean;
  /** Octets kept to be sent again. */
  readonly replayBytes: number;
  /** The caller's stream has thrown, or gave something that cannot be sent. */
  readonly failed: (error: RpcError) => void;
}

/**
 * Sends a caller's request stream, one message at a time: the next is asked for when the engine takes more. Until the
 * first response, and within `replayBytes`, messages are kept so that the call can start again on another connection.
 */
export class RequestPump {
  private readonly settings: PumpSettings;
  private readonly source: AsyncIterator<unknown>;
  private connection: Connection | undefined = undefined;
  private stream: Stream | undefined = undefined;
  private kept: Uint8Array[] | undefined = [];
  private keptBytes = 0;
  private pulling = false;
  private paused = false;
  private ended = false;
  private stopped = false;

  /** Throws when the request is nothing that can be iterated. */
  constructor(requests: AsyncIterable<unknown>, settings: PumpSettings) {
    this.settings = settings;
    this.source = requests[Symbol.asyncIterator]();
  }

  /** Whether the call can start again: nothing that was sent has been forgotten. */
  get replayable(): boolean {
    return this.kept !== undefined;
  }

  /** A response has come: there will be no second start. */
  commit(): void {
    this.kept = undefined;
  }

  /** Starts, or starts again, on a stream. */
  attach(connection: Connection, stream: Stream): void {
    this.connection = connection;
    this.stream = stream;
    let open = true;
    for (const octets of this.kept ?? []) open = sendOctets(connection, stream, octets, this.settings.gzip, false);
    if (this.ended) connection.sendData(stream, nothing, true);
    this.paused = !open;
    if (open) this.pull();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.pull();
  }

  /** Nobody takes requests any more: the caller's stream is let go. Not waited for, it may be stuck. */
  stop(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.kept = undefined;
    if (this.ended || this.source.return === undefined) return;
    try {
      void Promise.resolve(this.source.return()).catch(() => {});
    } catch {
      // What it says on its way out interests nobody any more.
    }
  }

  private pull(): void {
    if (this.pulling || this.ended || this.stopped) return;
    this.pulling = true;
    this.source.next().then(this.took, this.threw);
  }

  private readonly took = (result: IteratorResult<unknown>): void => {
    this.pulling = false;
    if (this.stopped) return;
    const { connection, stream, settings } = this;
    if (connection === undefined || stream === undefined) return;
    if (result.done === true) {
      this.ended = true;
      connection.sendData(stream, nothing, true);
      return;
    }
    let encoded: Encoded;
    try {
      encoded = settings.codec.encode(result.value as object);
    } catch (thrown) {
      settings.failed(RpcError.from(thrown));
      return;
    }
    if (this.kept !== undefined) this.keep(encoded);
    if (sendMessage(connection, stream, encoded, settings.gzip, false)) this.pull();
    else this.paused = true;
  };

  private readonly threw = (thrown: unknown): void => {
    this.pulling = false;
    this.ended = true;
    if (!this.stopped) this.settings.failed(RpcError.from(thrown));
  };

  private keep(encoded: Encoded): void {
    this.keptBytes += encoded.size;
    if (this.keptBytes > this.settings.replayBytes) this.kept = undefined;
    else this.kept?.push(encoded.copy());
  }
}

const nothing: Uint8Array = new Uint8Array(0);
