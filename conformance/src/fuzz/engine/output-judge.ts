import assert from "node:assert/strict";
import { ack, endHeaders, endStream, type Frame, type } from "./wire.js";

interface Half {
  window: number;
  begun: boolean;
  ended: boolean;
  reset: boolean;
}

/**
 * Judges what an endpoint sends, as its strictest peer would (RFC 9113): every frame well formed, in an order that the
 * states of streams allow, and DATA within the windows that this peer has given.
 */
export class OutputJudge {
  private readonly streams = new Map<number, Half>();
  private window = 65_535;
  private initialWindow = 65_535;
  private maxFrameSize = 16_384;
  /** SETTINGS that this peer has sent and that are not acknowledged. */
  private readonly unacknowledged: (readonly (readonly [number, number])[])[] = [];
  private lastId = Number.POSITIVE_INFINITY;
  private block = 0;
  private first = true;

  /** This peer has sent something that the rules depend on. */
  sentSettings(pairs: readonly (readonly [number, number])[]): void {
    this.unacknowledged.push(pairs);
  }

  sentWindowUpdate(id: number, increment: number): void {
    if (id === 0) this.window += increment;
    else this.half(id).window += increment;
  }

  see(frames: readonly Frame[]): void {
    for (const frame of frames) this.one(frame);
  }

  private half(id: number): Half {
    let half = this.streams.get(id);
    if (half === undefined) {
      half = { window: this.initialWindow, begun: false, ended: false, reset: false };
      this.streams.set(id, half);
    }
    return half;
  }

  private one(frame: Frame): void {
    const { type: kind, flags, id, payload } = frame;
    const { length } = payload;
    assert.ok(kind <= 9 && kind !== type.pushPromise && kind !== type.priority, `frame of type ${kind}`);
    assert.ok(id < 0x8000_0000, "the reserved bit is set");
    assert.ok(length <= this.maxFrameSize, `a frame of ${length} octets`);
    if (this.first) assert.ok(kind === type.settings && (flags & ack) === 0, "the first frame is not SETTINGS");
    this.first = false;
    if (this.block !== 0) assert.ok(kind === type.continuation && id === this.block, "a header block is interrupted");
    switch (kind) {
      case type.data:
        this.data(id, length, (flags & endStream) !== 0);
        break;
      case type.headers:
        this.headers(id, flags);
        break;
      case type.continuation:
        assert.ok(this.block === id && id !== 0, "CONTINUATION without HEADERS");
        if ((flags & endHeaders) !== 0) this.block = 0;
        break;
      case type.reset:
        assert.ok(id !== 0 && length === 4, "malformed RST_STREAM");
        this.half(id).reset = true;
        break;
      case type.settings:
        assert.ok(id === 0 && length % 6 === 0, "malformed SETTINGS");
        if ((flags & ack) !== 0) this.acknowledged(length);
        break;
      case type.ping:
        assert.ok(id === 0 && length === 8, "malformed PING");
        break;
      case type.goaway:
        this.goaway(id, payload);
        break;
      default:
        assert.ok(length === 4 && payload.readUInt32BE(0) > 0, "malformed WINDOW_UPDATE");
        assert.ok(id === 0 || !this.half(id).reset, `WINDOW_UPDATE after RST_STREAM on ${id}`);
    }
  }

  private data(id: number, length: number, end: boolean): void {
    const half = this.half(id);
    assert.ok(id !== 0 && half.begun && !half.ended && !half.reset, `DATA on stream ${id}, which is not open`);
    assert.ok(length === 0 || (length <= half.window && length <= this.window), `DATA beyond the window of ${id}`);
    half.window -= length;
    this.window -= length;
    half.ended = end;
  }

  private headers(id: number, flags: number): void {
    const half = this.half(id);
    assert.ok(id !== 0 && !half.ended && !half.reset, `HEADERS on stream ${id}, which is closed`);
    half.begun = true;
    half.ended = (flags & endStream) !== 0;
    if ((flags & endHeaders) === 0) this.block = id;
  }

  private acknowledged(length: number): void {
    assert.equal(length, 0, "SETTINGS ACK with a payload");
    const pairs = this.unacknowledged.shift();
    assert.ok(pairs !== undefined, "SETTINGS ACK for nothing");
    for (const [id, value] of pairs) {
      if (id === 4) {
        for (const half of this.streams.values()) half.window += value - this.initialWindow;
        this.initialWindow = value;
      } else if (id === 5) {
        this.maxFrameSize = value;
      }
    }
  }

  private goaway(id: number, payload: Buffer): void {
    assert.ok(id === 0 && payload.length >= 8, "malformed GOAWAY");
    const last = payload.readUInt32BE(0);
    assert.ok(last <= this.lastId, "the last stream of GOAWAY rises");
    this.lastId = last;
  }
}
