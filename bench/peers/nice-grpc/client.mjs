// nice-grpc as a client: calls in flight without pause for some seconds. Arguments: target connections inFlight seconds.
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { createChannel, createClient } from "nice-grpc";

const [target, connections, inFlight, seconds] = process.argv.slice(2);
const { Bench } = grpc.loadPackageDefinition(loadSync("bench.proto", { defaults: true })).bench.v1;
const options = { "grpc.use_local_subchannel_pool": 1 };
const clients = Array.from({ length: Number(connections) }, () =>
  createClient(Bench.service, createChannel(`http://${target}`, undefined, options)),
);
let calls = 0;
const loop = async (client, end) => {
  while (performance.now() < end) {
    const answer = await client.Unary({ text: "hello", number: calls });
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
