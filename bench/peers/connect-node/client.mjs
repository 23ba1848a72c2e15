// connect-node as a gRPC client: calls in flight without pause for some seconds. Arguments: target connections inFlight seconds.
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

const [target, connections, inFlight, seconds] = process.argv.slice(2);
const files = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync("bench.binpb")));
const clients = Array.from({ length: Number(connections) }, () =>
  createClient(files.getService("bench.v1.Bench"), createGrpcTransport({ baseUrl: `http://${target}` })),
);
let calls = 0;
const loop = async (client, end) => {
  while (performance.now() < end) {
    const answer = await client.unary({ text: "hello", number: calls }, { timeoutMs: 30_000 });
    if (answer.text !== "hello") throw new Error("a wrong answer");
    calls++;
  }
};
const run = async (ms) => {
  calls = 0;
  const began = performance.now();
  const cpu = process.cpuUsage();
  const loops = clients.flatMap((client) => Array.from({ length: Number(inFlight) }, () => loop(client, began + ms)));
  await Promise.all(loops);
  const { user, system } = process.cpuUsage(cpu);
  return { calls, seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
};
await run(1000);
console.log(JSON.stringify(await run(Number(seconds) * 1000)));
process.exit(0);
