import { type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { RpcError } from "@sampan/core";
import { GatewayErrors } from "../errors.js";
import type { GatewaySettings } from "../options.js";
import { failureAnswer } from "../response/failure.js";

/**
 * Answers what never becomes a request: text that is not HTTP, too large headers, and headers or bodies that do not
 * arrive in time. The connection is closed in every case. The caller notes the latest response of each connection in
 * the returned map, because nothing may be written into the middle of one.
 */
export function answerBrokenRequests(server: Server, settings: GatewaySettings): WeakMap<Duplex, ServerResponse> {
  const current = new WeakMap<Duplex, ServerResponse>();
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const response = current.get(socket);
    const answered = response?.headersSent && !(response.writableFinished && response.req.complete);
    if (answered || !socket.writable || error.code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const refusal = refusalOf(error, settings);
    const { status, headers, body } = failureAnswer(refusal, settings.envelope.mode, settings.answers);
    const text = body?.toString() ?? "";
    const fields = { ...headers, "content-length": Buffer.byteLength(text), connection: "close" };
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${text}`, () => socket.destroy());
  });
  return current;
}

function refusalOf(error: NodeJS.ErrnoException, { limits }: GatewaySettings): RpcError {
  switch (error.code) {
    case "HPE_HEADER_OVERFLOW":
      return GatewayErrors.HEADERS_TOO_LARGE({ limit: String(limits.maxHeaderBytes) });
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return GatewayErrors.REQUEST_TIMEOUT();
    default:
      return GatewayErrors.MALFORMED_HTTP({ why: error.code ?? "unreadable" });
  }
}
