import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Call, Runtime } from "@sampan/core";
import { type GrpcOptions, grpcTransport } from "@sampan/grpc";
import type { GoPrograms } from "../runner/go-programs.js";
import { freePort, serve, stop } from "../runner/processes.js";
import type { Tally } from "../runner/tally.js";
import { clientCases, largeUnary } from "./client-cases.js";
import { certifiedName, testData } from "./test-data.js";

/** Our client against grpc-go's server; a channel for each case. */
export async function ourClientCases(go: GoPrograms, tls: boolean, soak: number, tally: Tally): Promise<void> {
  const port = await freePort();
  const server = await serve(join(go.folder, "server"), [`--port=${port}`, ...(tls ? ["--use_tls"] : [])], port);
  const ca = readFileSync(testData(go, "ca.pem"));
  const options: GrpcOptions = tls ? { tls: { client: { certificates: { ca }, serverName: certifiedName } } } : {};
  const repeatedly = async (call: Call): Promise<void> => {
    for (let i = 0; i < soak; i++) await largeUnary(call);
  };
  const attempt = async (name: string, run: () => Promise<void>): Promise<void> => {
    const label = `sampan → grpc-go${tls ? " tls" : ""} ${name}`;
    await run().then(
      () => tally.add({ name: label, result: "passed" }),
      (thrown: unknown) => tally.add({ name: label, result: "failed", why: reason(thrown) }),
    );
  };
  for (const [name, work] of Object.entries({ ...clientCases, rpc_soak: repeatedly })) {
    await attempt(name, () => onNewChannel(port, options, name, work));
  }
  await attempt("channel_soak", async () => {
    for (let i = 0; i < soak; i++) await onNewChannel(port, options, "channel_soak", (call) => largeUnary(call));
  });
  await stop(server);
}

async function onNewChannel(
  port: number,
  options: GrpcOptions,
  name: string,
  work: (call: Call) => Promise<void>,
): Promise<void> {
  const transport = grpcTransport(options);
  const channel = transport.connect(`127.0.0.1:${port}`);
  const runtime = new Runtime({ name: "interop", connect: () => channel });
  try {
    await runtime.run({ name }, work);
  } finally {
    await transport.close();
  }
}

/** An assertion stands behind the internal error that it became. */
function reason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause instanceof Error ? thrown.cause.message : thrown.message;
}
