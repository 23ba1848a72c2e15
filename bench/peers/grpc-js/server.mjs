// grpc-js, serving bench.proto loaded at run time. Prints {"port"} when it listens.
import { readFileSync } from "node:fs";
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const { Bench } = grpc.loadPackageDefinition(loadSync("bench.proto", { defaults: true })).bench.v1;
const server = new grpc.Server({ "grpc.max_receive_message_length": 1 << 26 });

server.addService(Bench.service, {
  Unary({ request }, answer) {
    answer(null, { text: request.text, number: request.number + 1 });
  },
  ServerStream(call) {
    const body = Buffer.alloc(call.request.size, 120);
    let number = 0;
    const more = () => {
      let open = true;
      while (open && number < call.request.count) open = call.write({ number: number++, body });
      if (number >= call.request.count) call.end();
      else call.once("drain", more);
    };
    more();
  },
  Bidi(call) {
    call.on("data", ({ text, number, body }) => call.write({ text, number, body }));
    call.on("end", () => call.end());
    call.on("error", () => {});
  },
});

const { BENCH_CERT: cert, BENCH_KEY: key } = process.env;
const credentials = cert
  ? grpc.ServerCredentials.createSsl(null, [{ cert_chain: readFileSync(cert), private_key: readFileSync(key) }])
  : grpc.ServerCredentials.createInsecure();
server.bindAsync("127.0.0.1:0", credentials, (error, port) => {
  if (error) throw error;
  console.log(JSON.stringify({ port }));
});
