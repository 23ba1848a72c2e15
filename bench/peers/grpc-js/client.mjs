// grpc-js as a client: calls in flight without pause for some seconds. Arguments: target connections inFlight seconds.
import grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const [target, connections, inFlight, seconds] = process.argv.slice(2);
const { Bench } = grpc.loadPackageDefinition(loadSync("bench.proto", { defaults: true })).bench.v1;
// Clients of one target share a connection unless each has its own pool.
const clients = Array.from(
  { length: Number(connections) },
  () => new Bench(target, grpc.credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 }),
);
let calls = 0;
const loop = (client, end) =>
  new Promise((ended) => {
    const one = () =>
      client.unary({ text: "hello", number: calls }, { deadline: Date.now() + 30_000 }, (error, answer) => {
        if (error) throw error;
        if (answer.text !== "hello") throw new Error("a wrong answer");
        calls++;
        if (performance.now() < end) one();
        else ended();
      });
    one();
  });
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
