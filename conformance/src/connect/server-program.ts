/** The server under test, started by the runner: one request on standard input says how to serve, and the answer says where. */
import { readFileSync } from "node:fs";
import { Dispatcher, Runtime } from "@sampan/core";
import { grpcTransport, type ServerTls } from "@sampan/grpc";
import { conformanceService } from "./conformance-service.js";
import { Contract, type ServerCompatRequest } from "./contract.js";
import { delimited, readDelimited } from "./delimited.js";

const contract = new Contract(readFileSync(process.argv[2] as string));
for await (const bytes of readDelimited(process.stdin)) {
  const request = contract.decode<ServerCompatRequest>("ServerCompatRequest", bytes);
  process.stdout.write(delimited(contract.encode("ServerCompatResponse", await serve(request))));
  break;
}
process.on("SIGTERM", () => process.exit(0));

async function serve({
  serverCreds,
  useTls,
  clientTlsCert,
  messageReceiveLimit,
}: ServerCompatRequest): Promise<object> {
  const transport = grpcTransport({
    compression: "gzip",
    // The runner takes a detail that it has not asked for as a mistake.
    transportErrorInfo: false,
    ...(messageReceiveLimit > 0 ? { maxMessageBytes: messageReceiveLimit } : {}),
    ...(useTls ? { tls: { server: serverTls(serverCreds, clientTlsCert) } } : {}),
  });
  const runtime = new Runtime({
    name: "connect-conformance",
    connect: () => transport.connect("unused:1"),
    // What a request says of its own deadline is checked, so none is added.
    defaultTimeoutMs: Number.POSITIVE_INFINITY,
  });
  const { address } = await transport.listen(new Dispatcher(runtime, [conformanceService(contract)]));
  const port = Number(address.slice(address.lastIndexOf(":") + 1));
  return { host: "127.0.0.1", port, ...(useTls ? { pemCert: serverCreds?.cert } : {}) };
}

function serverTls(creds: ServerCompatRequest["serverCreds"], clientCert: Uint8Array): ServerTls {
  if (creds === undefined) throw new Error("the runner gives no certificate for TLS");
  const certificates = { cert: Buffer.from(creds.cert), key: Buffer.from(creds.key) };
  if (clientCert.length === 0) return { certificates };
  return { certificates: { ...certificates, ca: Buffer.from(clientCert) }, requireClientCertificate: true };
}
