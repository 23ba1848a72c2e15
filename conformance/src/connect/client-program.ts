/** The client under test, started by the runner: calls to make come on standard input, their results go to standard output. */
import { readFileSync } from "node:fs";
import { Runtime } from "@sampan/core";
import { type CertificatePems, grpcTransport } from "@sampan/grpc";
import { makeCall } from "./client-call.js";
import { type ClientCompatRequest, Contract, compressionGzip } from "./contract.js";
import { delimited, readDelimited } from "./delimited.js";

const contract = new Contract(readFileSync(process.argv[2] as string));
const runtimes = new Map<string, Runtime>();

/** Calls at once; the runner's time limits are generous enough for more, the machine is not. */
const parallel = 16;
const running = new Set<Promise<void>>();
for await (const bytes of readDelimited(process.stdin)) {
  const done = handle(contract.decode<ClientCompatRequest>("ClientCompatRequest", bytes)).finally(() =>
    running.delete(done),
  );
  running.add(done);
  if (running.size >= parallel) await Promise.race(running);
}
await Promise.all(running);
process.exit(0);

async function handle(request: ClientCompatRequest): Promise<void> {
  const { testName } = request;
  const result = await makeCall(contract, runtimeFor(request), request).then(
    (response) => ({ case: "response", value: contract.make("ClientResponseResult", response) }),
    (error: unknown) => ({ case: "error", value: contract.make("ClientErrorResult", { message: String(error) }) }),
  );
  process.stdout.write(delimited(contract.encode("ClientCompatResponse", { testName, result })));
}

/** One channel for each server and set of options, as an application has it. */
function runtimeFor({
  host,
  port,
  serverTlsCert,
  clientTlsCreds,
  compression,
  messageReceiveLimit,
}: ClientCompatRequest): Runtime {
  const tls = serverTlsCert.length > 0;
  const key = [host, port, tls, clientTlsCreds !== undefined, compression, messageReceiveLimit].join();
  let runtime = runtimes.get(key);
  if (runtime === undefined) {
    const certificates: CertificatePems = {
      ca: Buffer.from(serverTlsCert),
      ...(clientTlsCreds === undefined
        ? {}
        : { cert: Buffer.from(clientTlsCreds.cert), key: Buffer.from(clientTlsCreds.key) }),
    };
    const channel = grpcTransport({
      ...(compression === compressionGzip ? { compression: "gzip" } : {}),
      ...(messageReceiveLimit > 0 ? { maxMessageBytes: messageReceiveLimit } : {}),
      ...(tls ? { tls: { client: { certificates, serverName: "localhost" } } } : {}),
    }).connect(`${host}:${port}`);
    runtime = new Runtime({ name: "connect-conformance", connect: () => channel });
    runtimes.set(key, runtime);
  }
  return runtime;
}
