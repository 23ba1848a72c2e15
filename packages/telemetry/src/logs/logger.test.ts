import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code, RpcError } from "@sampan/core";
import { createFakeClock } from "@sampan/testkit";
import fc from "fast-check";
import { createLogger, type LoggerOptions } from "./logger.js";
import { MemorySink } from "./memory-sink.fixture.js";

function make(options: LoggerOptions = {}) {
  const sink = new MemorySink();
  const clock = createFakeClock(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
  const logger = createLogger({ level: "debug", sink, clock, ...options });
  return { logger, sink, last: () => JSON.parse(sink.lines.at(-1) as string) as Record<string, unknown> };
}

describe("a logger that writes JSON", () => {
  it("writes time, level, message and fields", () => {
    const { logger, sink } = make({ fields: { service: "order" } });
    logger.info("confirmed", { order: "o-1", lines: 3 });
    assert.deepEqual(sink.lines, [
      '{"time":"2026-01-02T03:04:05.678Z","level":"info","msg":"confirmed","service":"order","order":"o-1","lines":3}',
    ]);
  });

  it("keeps to its level, which can change and holds for children", () => {
    const { logger, sink } = make({ level: "warn" });
    const child = logger.child({ a: 1 });
    child.info("no");
    child.warn("yes");
    logger.level = "debug";
    child.debug("now");
    assert.equal(logger.level, "debug");
    assert.deepEqual(
      sink.lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
      ["yes", "now"],
    );
  });

  it("has each key once: the line's field wins over the child's, and its own names stay its own", () => {
    const { logger, sink, last } = make();
    logger.child({ a: 1, b: 1 }).child({ b: 2 }).info("x", { a: 3, level: "forged", msg: "forged" });
    assert.deepEqual(last(), {
      time: "2026-01-02T03:04:05.678Z",
      level: "info",
      msg: "x",
      a: 3,
      b: 2,
      _level: "forged",
      _msg: "forged",
    });
    assert.equal(sink.lines[0]?.match(/"a":/g)?.length, 1);
  });

  it("cannot be made to write a line of somebody else's", () => {
    const { logger, sink } = make();
    const evil = fc.string({ unit: fc.constantFrom("\n", "\r", '"', "}", "{", "\\", "\u2028", "\u001b", "a") });
    fc.assert(
      fc.property(evil, evil, evil, (message, key, value) => {
        sink.lines.length = 0;
        logger.child({ [value]: key }).info(message, { [key]: value });
        const [line, ...more] = sink.lines;
        const said = JSON.parse(line as string) as { msg: string; level: string };
        return (
          more.length === 0 && !/[\p{Cc}\u2028]/u.test(line as string) && said.msg === message && said.level === "info"
        );
      }),
    );
  });

  it("never throws", () => {
    const { logger, sink } = make();
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    logger.info("kept", proxy);
    logger.info(Symbol("s") as unknown as string);
    logger.info(undefined as unknown as string, null as unknown as undefined);
    assert.equal(sink.lines.length, 3);
    assert.match(sink.lines[0] as string, /"msg":"kept"/);
  });

  it("counts lines that found no room, and says so when there is room again", () => {
    const { logger, sink, last } = make();
    sink.full = true;
    logger.info("a");
    logger.info("b");
    sink.full = false;
    logger.info("c");
    assert.equal(logger.lost, 2);
    assert.deepEqual(
      sink.lines.map((line) => (JSON.parse(line) as { msg: string }).msg),
      ["log lines were lost: the reader is too slow", "c"],
    );
    assert.equal((JSON.parse(sink.lines[0] as string) as { lines: number }).lines, 2);
    assert.equal(last().msg, "c");
  });

  it("sends errors out at once", () => {
    const { logger, sink } = make();
    logger.warn("w");
    assert.equal(sink.flushes, 0);
    logger.error("e");
    assert.equal(sink.flushes, 1);
  });
});

describe("a logger that writes for people", () => {
  it("writes words, and errors below", () => {
    const { logger, sink } = make({ format: "pretty", redact: ["birthday"] });
    const error = new RpcError(Code.NotFound, "no such\norder", { cause: new Error("under\u001b[2J") });
    logger
      .child({ service: "order" })
      .warn("careful\n2026 ERROR forged", { id: "o-1", note: "two words", birthday: "1", error });
    const lines = (sink.lines[0] as string).split("\n");
    assert.equal(
      lines[0],
      '03:04:05.678 WARN  careful\\n2026 ERROR forged service=order id=o-1 note="two words" birthday="***"',
    );
    assert.equal(lines[1], "    RpcError [NotFound]: no such\\norder");
    assert.match(lines[2] as string, /^ {6}at /);
    assert.ok(lines.includes("    caused by Error: under\\u001b[2J"));
    for (const line of lines.slice(1)) assert.match(line, /^ {4}/);
  });

  it("colours only when asked to", () => {
    const { logger, sink } = make({ format: "pretty-color" });
    logger.info("x", { a: 1 });
    assert.equal(sink.lines[0], "\u001b[90m03:04:05.678\u001b[0m \u001b[36mINFO \u001b[0m x \u001b[90ma=\u001b[0m1");
  });

  it("survives errors without a stack, causes that are not errors and circles", () => {
    const { logger, sink } = make({ format: "pretty" });
    const odd = new Error("odd", { cause: "just text" });
    delete odd.stack;
    logger.info("x", { odd });
    assert.equal(sink.lines[0], "03:04:05.678 INFO  x\n    Error: odd\n    caused by just text");
    const circle = new Error("a");
    circle.cause = new Error("b", { cause: circle });
    logger.info("y", { circle });
    assert.equal(sink.lines.length, 2);
  });
});
