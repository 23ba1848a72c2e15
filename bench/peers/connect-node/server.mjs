// connect-node's gRPC on node:http2, serving bench.proto from its compiled descriptors. Prints {"port"} when it listens.
import { readFileSync } from "node:fs";
import { createSecureServer, createServer } from "node:http2";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { connectNodeAdapter } from "@connectrpc/connect-node";

const files = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync("bench.binpb")));
const handler = connectNodeAdapter({
  routes: (router) =>
    router.service(files.getService("bench.v1.Bench"), {
      unary: ({ text, number }) => ({ text, number: number + 1 }),
      async *serverStream({ size, count }) {
        const body = new Uint8Array(size).fill(120);
        for (let number = 0; number < count; number++) yield { number, body };
      },
      async *bidi(requests) {
        for await (const { text, number, body } of requests) yield { text, number, body };
      },
    }),
});

const { BENCH_CERT: cert, BENCH_KEY: key } = process.env;
const server = cert
  ? createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) }, handler)
  : createServer(handler);
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
