/**
 * Our server of the benches, a process of its own so that it has a core of its own. With `BENCH_LAYERS` it traces and
 * counts every call as the platform does. Prints `{"port"}` when it listens; `BENCH_PROFILE` names a file for a CPU
 * profile, which is written when the process is told to end.
 */
import { readFileSync } from "node:fs";
import { Dispatcher, implement, type Layer, Runtime } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import { createMeter, metrics, ringTracer, tracing } from "@sampan/telemetry";
import { Bench } from "../../gen/bench_pb.js";
import { givenSecurity } from "../../identity/security.js";
import { profileUntilTold } from "./profile.js";

const service = implement(Bench, {
  unary: ({ text, number }) => ({ text, number: number + 1 }),
  async *serverStream({ size, count }) {
    const body = new Uint8Array(size).fill(120);
    for (let number = 0; number < count; number++) yield { number, body };
  },
  async *bidi(requests) {
    for await (const { text, number, body } of requests) yield { text, number, body };
  },
});

const { BENCH_CERT: cert, BENCH_KEY: key, BENCH_LAYERS: layered } = process.env;
const layers: Layer[] = layered === undefined ? [] : [tracing(ringTracer()), metrics(createMeter())];
const transport = grpcTransport({
  ...givenSecurity(),
  ...(cert === undefined || key === undefined
    ? {}
    : { tls: { server: { certificates: { cert: readFileSync(cert), key: readFileSync(key) } } } }),
});
const runtime = new Runtime({
  name: "bench",
  connect: () => {
    throw new Error("the bench's server calls nobody");
  },
});
const { address } = await transport.listen(new Dispatcher(runtime, [service], layers));
await profileUntilTold();
console.log(JSON.stringify({ port: Number(address.split(":").at(-1)) }));
