import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settled } from "@sampan/testkit";
import { type LineStream, streamSink } from "./log-sink.js";

class FakeStream implements LineStream {
  readonly writes: string[] = [];
  writableLength = 0;
  fail: (error: Error) => void = () => {};

  write(text: string): boolean {
    this.writes.push(text);
    return true;
  }

  on(_event: "error", listener: (error: Error) => void): void {
    this.fail = listener;
  }
}

describe("a sink into a stream", () => {
  it("writes the lines of one turn at once", async () => {
    const stream = new FakeStream();
    const sink = streamSink(stream);
    sink.write("a");
    sink.write("b");
    assert.deepEqual(stream.writes, []);
    await settled();
    assert.deepEqual(stream.writes, ["a\nb\n"]);
    sink.write("c");
    sink.flush();
    await settled();
    assert.deepEqual(stream.writes, ["a\nb\n", "c\n"]);
  });

  it("takes no more than may wait for a slow reader", () => {
    const stream = new FakeStream();
    const sink = streamSink(stream, { maxBuffered: 10 });
    stream.writableLength = 8;
    assert.equal(sink.write("abc"), false);
    stream.writableLength = 0;
    assert.equal(sink.write("abc"), true);
    assert.equal(sink.write("abcdefgh"), false);
  });

  it("goes quiet when the reader is gone", async () => {
    const stream = new FakeStream();
    const sink = streamSink(stream);
    sink.write("a");
    stream.fail(new Error("EPIPE"));
    await settled();
    assert.equal(sink.write("b"), false);
    assert.deepEqual(stream.writes, []);
  });
});
