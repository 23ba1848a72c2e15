/** The server whose memory is watched: plain and TLS, the interoperability service. With `seed-leak` it forgets nothing. */
import { Dispatcher, type Layer, Runtime } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import { testService } from "../interop/test-service.js";
import { certificate, key } from "../tls/certificate.js";
import type { Answer, Ask } from "./protocol.js";
import { takeSample } from "./sample.js";

const forgotten: number[] = [];
/** Eight octets a call, which is little enough to be a real mistake. */
const leak: Layer = (next) => (request, call) => {
  forgotten.push(call.startedAt + Math.random());
  return next(request, call);
};
const layers = process.argv[2] === "seed-leak" ? [leak] : [];

const plain = grpcTransport();
const secure = grpcTransport({ tls: { server: { certificates: { cert: certificate, key } } } });
const runtime = new Runtime({ name: "leak-server", connect: () => plain.connect("unused:1") });
const dispatcher = new Dispatcher(runtime, [testService()], layers);
const answer = (message: Answer): void => void process.send?.(message);

process.on("message", async ({ ask }: Ask) => {
  if (ask === "sample") answer({ answer: "sample", sample: await takeSample() });
});
process.on("disconnect", () => process.exit(0));

const [first, second] = await Promise.all([plain.listen(dispatcher), secure.listen(dispatcher)]);
answer({ answer: "ready", plain: first.address, tls: second.address });
