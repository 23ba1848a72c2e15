/**
 * Calls that arrive at random (Poisson), whatever becomes of them: an open loop. Each has a deadline, counted from the
 * moment at which it was due. Arguments: port, calls a second, seconds, deadline in ms, connections; a rate of 0 keeps
 * two calls in flight on each connection instead, a closed loop. The first seconds are not counted. Prints one line, an
 * `Outcome`.
 */
import { Code, RpcError, Runtime } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import { seededRandom } from "@sampan/testkit";
import { Bench } from "../../gen/bench_pb.js";
import { exponential, percentile } from "../../harness/samples.js";
import type { Outcome } from "../outcome.js";

const [port = "", ...numbers] = process.argv.slice(2);
const [rate = 0, seconds = 1, deadlineMs = 100, connections = 1, warmUpMs = 2000] = numbers.map(Number);
const transport = grpcTransport();
const clients = Array.from({ length: connections }, () => {
  const channel = transport.connect(`127.0.0.1:${port}`);
  const runtime = new Runtime({ name: "load", connect: () => channel });
  return runtime.root({ name: "load", timeoutMs: 3_600_000 }).to(Bench);
});

let offered = 0;
let late = 0;
let failed = 0;
let failure = "";
const answered: number[] = [];
const refused: number[] = [];
const sent: number[] = [];

async function call(index: number, due: number, counted: boolean): Promise<void> {
  const client = clients[index % connections] as (typeof clients)[number];
  const now = performance.now();
  if (counted) {
    offered++;
    sent.push(now - due);
  }
  try {
    await client.unary({ text: "hello", number: 1 }, { timeoutMs: due + deadlineMs - now });
    const took = performance.now() - due;
    if (counted && took <= deadlineMs) answered.push(took);
    else if (counted) late++;
  } catch (error) {
    if (counted) count(RpcError.from(error), performance.now() - due);
  }
}

function count({ code, reason, message }: RpcError, took: number): void {
  if (code === Code.DeadlineExceeded) late++;
  else if (reason === "OVERLOADED") refused.push(took);
  else {
    failed++;
    failure ||= message;
  }
}

/** Every millisecond what has come due since the last. */
async function openLoop(ms: number): Promise<void> {
  const draw = seededRandom(7);
  const began = performance.now();
  let due = began;
  for (let index = 0; due - began < ms; ) {
    for (const now = performance.now(); due <= now; index++) {
      void call(index, due, due - began >= warmUpMs);
      due += exponential(1000 / rate, draw);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function closedLoop(ms: number): Promise<void> {
  const began = performance.now();
  const loop = async (index: number): Promise<void> => {
    for (let now = began; now - began < ms; now = performance.now()) await call(index, now, now - began >= warmUpMs);
  };
  await Promise.all(Array.from({ length: connections * 2 }, (_, index) => loop(index)));
}

await (rate === 0 ? closedLoop : openLoop)(warmUpMs + seconds * 1000);
// The last calls have their deadline too; a closed loop has waited for them.
if (rate > 0) await new Promise((resolve) => setTimeout(resolve, deadlineMs + 50));
const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);
const outcome: Outcome = {
  seconds,
  offered,
  inTime: answered.length,
  refused: refused.length,
  late,
  failed,
  failure,
  p50: orNull(percentile(answered, 0.5)),
  p99: orNull(percentile(answered, 0.99)),
  refusedP99: orNull(percentile(refused, 0.99)),
  sentP99: orNull(percentile(sent, 0.99)),
};
console.log(JSON.stringify(outcome));
process.exit(0);
