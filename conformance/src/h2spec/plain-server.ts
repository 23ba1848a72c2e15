import {
  type Connection,
  type ConnectionListener,
  HeaderTemplate,
  type Listener,
  listen,
  type Stream,
} from "@sampan/h2";
import { certificate, key } from "../tls/certificate.js";

const ok = new HeaderTemplate([":status", "200", "content-type", "text/plain"]);
/** Long enough for cases that read it through a window of a few octets. */
const body = Buffer.from("An answer that is long enough to be cut into several frames.\n");

/** Answers every complete request, whatever its method and path, with the same headers and body. */
export function startPlainServer(tls: boolean): Promise<Listener> {
  return listen({
    at: { port: 0, host: "127.0.0.1" },
    ...(tls ? { tls: { cert: certificate, key } } : {}),
    accept: (connection) => answering(connection),
  });
}

function answering(connection: Connection): ConnectionListener {
  const answer = (stream: Stream): void => {
    connection.sendHeaders(stream, ok);
    connection.sendData(stream, body, true);
  };
  return {
    onHeaders(stream, _headers, end) {
      if (end) answer(stream);
    },
    onData(stream, _chunk, start, end, endStream) {
      connection.consume(stream, end - start);
      if (endStream) answer(stream);
    },
    onTrailers: answer,
    onReset() {},
    onWritable() {},
  };
}
