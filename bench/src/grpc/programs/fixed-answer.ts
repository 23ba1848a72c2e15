/**
 * A server that answers every call with the same message, straight on the engine: what a generator or client can reach
 * when the server is no limit. Prints `{"port"}` when it listens.
 */
import { HeaderTemplate, listen, type Stream } from "@sampan/h2";

const head = new HeaderTemplate([":status", "200", "content-type", "application/grpc"]);
const trailers = new HeaderTemplate(["grpc-status", "0"]);
// text: "hello", number: 2
const message = Buffer.from("\0\0\0\0\x09\x0a\x05hello\x10\x02", "latin1");

const listener = await listen({
  at: { host: "127.0.0.1", port: 0 },
  accept: (connection) => ({
    onHeaders() {},
    onData(stream: Stream, _chunk: Buffer, start: number, end: number, last: boolean) {
      connection.consume(stream, end - start);
      if (!last) return;
      connection.sendHeaders(stream, head);
      connection.sendData(stream, message, false);
      connection.sendHeaders(stream, trailers, undefined, true);
    },
    onTrailers() {},
    onReset() {},
    onWritable() {},
  }),
});
console.log(JSON.stringify({ port: listener.port }));
