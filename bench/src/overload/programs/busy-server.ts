/**
 * A server whose handler burns processor time, as real work would: `BENCH_WORK` steps a call. With
 * `BENCH_RULES` its calls go through the governance stack under these rules. Prints `{"port"}` when it listens.
 *
 * `BENCH_ALWAYS_OVERLOADED` makes it believe that its event loop is late, so that shedding refuses every call.
 */
import { Dispatcher, implement, type Layer, Runtime } from "@sampan/core";
import { allSections, Governor, governStack, requireRules } from "@sampan/govern";
import { grpcTransport } from "@sampan/grpc";
import { Bench } from "../../gen/bench_pb.js";
import { profileUntilTold } from "../../grpc/programs/profile.js";
import { work } from "../work.js";

const { BENCH_WORK = "0", BENCH_RULES: rules, BENCH_ALWAYS_OVERLOADED: always } = process.env;
const steps = Number(BENCH_WORK);
const service = implement(Bench, {
  unary: ({ text, number }) => {
    work(steps);
    return { text, number: number + 1 };
  },
  async *serverStream() {},
  async *bidi() {},
});

const layers: Layer[] = [];
if (rules !== undefined) {
  const late = { turnMs: 1e6, delayMs: 1e6, enter: () => {} };
  const governor = new Governor({ stack: governStack(always === undefined ? {} : { loop: late }) });
  governor.load(requireRules(rules, "BENCH_RULES", { sections: allSections }));
  layers.push(governor.server);
}
const runtime = new Runtime({
  name: "busy",
  connect: () => {
    throw new Error("this server calls nobody");
  },
});
const { address } = await grpcTransport().listen(new Dispatcher(runtime, [service], layers));
await profileUntilTold();
console.log(JSON.stringify({ port: Number(address.split(":").at(-1)) }));
