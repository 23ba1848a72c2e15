import { setTimeout as sleep } from "node:timers/promises";
import { type TransportFactory, transportContract } from "@sampan/testkit";
import { grpcTransport } from "./index.js";
import type { GrpcOptions } from "./options.js";
import { authority, serverCertificate } from "./tls/certificates.fixture.js";

/** Octets in windows small enough for back-pressure to show: the protocol's own default (RFC 9113 section 6.9.2). */
const window = 65_535;
const windows = { streamWindow: window, connectionWindow: 16 * window, streamQueueMark: 16_384 };

/** Each way: the window, the queue mark, what the flush takes at once. */
const bufferBytes = 2 * window + 16_384;

const sockets =
  (options: GrpcOptions): TransportFactory =>
  ({ maxMessageBytes }) => {
    const each = { ...options, maxMessageBytes, connection: windows };
    return { server: grpcTransport(each), client: grpcTransport(each), quiet: () => sleep(50) };
  };

transportContract("gRPC on a plain socket", sockets({}), { bufferBytes });
transportContract(
  "gRPC on TLS",
  sockets({ tls: { server: { certificates: serverCertificate }, client: { certificates: { ca: authority } } } }),
  {
    bufferBytes,
  },
);
