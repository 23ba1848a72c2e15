/** Our client: calls in flight without pause for some seconds. Arguments: target connections inFlight seconds. */
import { type Client, Runtime } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import { Bench } from "../../gen/bench_pb.js";
import { givenSecurity } from "../../identity/security.js";
import { profileUntilTold } from "./profile.js";

const [target = "", connections, inFlight, seconds] = process.argv.slice(2);
const transport = grpcTransport(givenSecurity());
// A channel has one connection to an address, so each connection is a channel of its own.
const clients = Array.from({ length: Number(connections) }, () => {
  const channel = transport.connect(target);
  const runtime = new Runtime({ name: "bench", connect: () => channel });
  return runtime.root({ name: "bench", timeoutMs: 3_600_000 }).to(Bench, { timeoutMs: 30_000 });
});
let calls = 0;

async function loop(client: Client<typeof Bench>, end: number): Promise<void> {
  while (performance.now() < end) {
    const answer = await client.unary({ text: "hello", number: 1 });
    if (answer.text !== "hello") throw new Error("a wrong answer");
    calls++;
  }
}

async function run(ms: number): Promise<object> {
  calls = 0;
  const began = performance.now();
  const cpu = process.cpuUsage();
  const loops = clients.flatMap((client) => Array.from({ length: Number(inFlight) }, () => loop(client, began + ms)));
  await Promise.all(loops);
  const { user, system } = process.cpuUsage(cpu);
  return { calls, seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 };
}

await run(1000);
await profileUntilTold();
console.log(JSON.stringify(await run(Number(seconds) * 1000)));
await transport.close();
if (process.env.BENCH_PROFILE === undefined) process.exit(0);
process.kill(process.pid, "SIGTERM");
