/**
 * One instance of a service that takes its time: argument 1 is its number, with which it answers, argument 2 how long it
 * takes, in ms. Prints `{"port"}` when it listens.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Dispatcher, implement, Runtime } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import { Bench } from "../../gen/bench_pb.js";

const [number = 0, ms = 0] = process.argv.slice(2).map(Number);
const service = implement(Bench, {
  async unary({ text }) {
    await sleep(ms);
    return { text, number };
  },
  async *serverStream() {},
  async *bidi() {},
});
const runtime = new Runtime({
  name: "instance",
  connect: () => {
    throw new Error("this server calls nobody");
  },
});
const { address } = await grpcTransport().listen(new Dispatcher(runtime, [service]));
console.log(JSON.stringify({ port: Number(address.split(":").at(-1)) }));
