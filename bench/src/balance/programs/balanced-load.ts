/**
 * One caller of several instances over a `BalancedChannel`: calls at random times, an open loop. Arguments: balancer,
 * calls a second, seconds, ports. Each instance answers with its own number. Prints one line: `{p50, p99, mean, calls}`.
 */
import { Runtime } from "@sampan/core";
import type { Resolver } from "@sampan/core/ports";
import { BalancedChannel, type BalancerName } from "@sampan/discovery";
import { grpcTransport } from "@sampan/grpc";
import { seededRandom } from "@sampan/testkit";
import { Bench } from "../../gen/bench_pb.js";
import { exponential, percentile } from "../../harness/samples.js";
import { instanceAt } from "../instances.js";

const [balancer = "", rate = "", seconds = "", ...ports] = process.argv.slice(2);
const warmUpMs = 2000;
const transport = grpcTransport();
const resolver: Resolver = {
  watch(_, listener) {
    const instances = ports.map((port, index) => instanceAt(index, 100, `127.0.0.1:${port}`));
    setImmediate(() => listener({ instances }));
    return { close() {}, refresh() {} };
  },
  async close() {},
};
const channel = new BalancedChannel({
  service: Bench.typeName,
  resolver,
  connect: (address) => transport.connect(address),
  cluster: { balancer: balancer as BalancerName, random: seededRandom(5) },
});
const client = new Runtime({ name: "load", connect: () => channel })
  .root({ name: "load", timeoutMs: 3_600_000 })
  .to(Bench);
const took: number[] = [];
const calls = ports.map(() => 0);
let open = 0;

async function call(due: number, counted: boolean): Promise<void> {
  open++;
  const { number } = await client.unary({ text: "hello" }, { timeoutMs: 10_000 });
  open--;
  if (!counted) return;
  took.push(performance.now() - due);
  calls[number] = (calls[number] as number) + 1;
}

const draw = seededRandom(7);
const began = performance.now();
for (let due = began; due - began < warmUpMs + Number(seconds) * 1000; ) {
  for (const now = performance.now(); due <= now; due += exponential(1000 / Number(rate), draw)) {
    void call(due, due - began >= warmUpMs);
  }
  await new Promise((resolve) => setTimeout(resolve, 1));
}
while (open > 0) await new Promise((resolve) => setTimeout(resolve, 10));
const mean = took.reduce((sum, each) => sum + each, 0) / took.length;
console.log(JSON.stringify({ p50: percentile(took, 0.5), p99: percentile(took, 0.99), mean, calls }));
process.exit(0);
