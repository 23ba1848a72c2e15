// nice-grpc, serving bench.proto loaded at run time. Prints {"port"} when it listens.
import { readFileSync } from "node:fs";
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { createServer } from "nice-grpc";

const { Bench } = grpc.loadPackageDefinition(loadSync("bench.proto", { defaults: true })).bench.v1;
const server = createServer({ "grpc.max_receive_message_length": 1 << 26 });

server.add(Bench.service, {
  async Unary({ text, number }) {
    return { text, number: number + 1 };
  },
  async *ServerStream({ size, count }) {
    const body = Buffer.alloc(size, 120);
    for (let number = 0; number < count; number++) yield { number, body };
  },
  async *Bidi(requests) {
    for await (const { text, number, body } of requests) yield { text, number, body };
  },
});

const { BENCH_CERT: cert, BENCH_KEY: key } = process.env;
const credentials = cert
  ? grpc.ServerCredentials.createSsl(null, [{ cert_chain: readFileSync(cert), private_key: readFileSync(key) }])
  : undefined;
console.log(JSON.stringify({ port: await server.listen("127.0.0.1:0", credentials) }));
