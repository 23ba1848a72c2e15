import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Dispatcher, Runtime } from "@sampan/core";
import { type GrpcOptions, grpcTransport } from "@sampan/grpc";
import { type GoPrograms, goPrograms } from "../runner/go-programs.js";
import { finish, freePort, serve, stop } from "../runner/processes.js";
import type { Tally } from "../runner/tally.js";
import { clientCases } from "./client-cases.js";
import { testService } from "./test-service.js";

/** What grpc-go's client can do with any server; and what needs a cloud, or a load report service that we have not. */
const goCases = [
  "empty_unary",
  "large_unary",
  "client_streaming",
  "server_streaming",
  "ping_pong",
  "empty_stream",
  "timeout_on_sleeping_server",
  "cancel_after_begin",
  "cancel_after_first_response",
  "status_code_and_message",
  "special_status_message",
  "custom_metadata",
  "unimplemented_method",
  "unimplemented_service",
  "pick_first_unary",
  "rpc_soak",
  "channel_soak",
];
const skipped: Readonly<Record<string, string>> = {
  compute_engine_creds: "needs Google Cloud",
  service_account_creds: "needs Google Cloud",
  jwt_token_creds: "needs Google Cloud",
  per_rpc_creds: "needs Google Cloud",
  oauth2_auth_token: "needs Google Cloud",
  google_default_credentials: "needs Google Cloud",
  compute_engine_channel_credentials: "needs Google Cloud",
  orca_per_rpc: "load reports (ORCA) are not part of Sampan",
  orca_oob: "load reports (ORCA) are not part of Sampan",
};

/** The name that grpc-go's test certificate carries. */
const certifiedName = "foo.test.google.fr";
const caseTimeoutMs = 30_000;

/** grpc-go's interop client against our server, and our client against its server, plain and TLS. */
export async function interop(cache: string, tally: Tally): Promise<void> {
  const go = await goPrograms(cache, "google.golang.org/grpc", "v1.85.0", ["interop/client", "interop/server"]);
  for (const tls of [false, true]) {
    await goClient(go, tls, tally);
    await ourClient(go, tls, tally);
  }
  for (const [name, why] of Object.entries(skipped))
    tally.add({ name: `grpc-go → sampan ${name}`, result: "skipped", why });
}

async function goClient(go: GoPrograms, tls: boolean, tally: Tally): Promise<void> {
  const file = (name: string): string => join(go.moduleFolder, "testdata", name);
  const certificates = tls ? { cert: readFileSync(file("server1.pem")), key: readFileSync(file("server1.key")) } : {};
  const transport = grpcTransport(tls ? { tls: { server: { certificates } } } : {});
  const runtime = new Runtime({ name: "interop", connect: () => transport.connect("unused:1") });
  const listener = await transport.listen(new Dispatcher(runtime, [testService()]));
  const port = listener.address.slice(listener.address.lastIndexOf(":") + 1);
  const secure = [
    "--use_tls",
    "--use_test_ca",
    `--ca_file=${file("ca.pem")}`,
    `--server_host_override=${certifiedName}`,
  ];
  const words = ["--server_host=127.0.0.1", `--server_port=${port}`, ...(tls ? secure : [])];
  for (const name of goCases) {
    const { status, output } = await finish(
      join(go.folder, "client"),
      [...words, `--test_case=${name}`],
      caseTimeoutMs,
    );
    const label = `grpc-go → sampan${tls ? " tls" : ""} ${name}`;
    tally.add(
      status === 0 ? { name: label, result: "passed" } : { name: label, result: "failed", why: output.slice(-500) },
    );
  }
  await transport.close();
}

async function ourClient(go: GoPrograms, tls: boolean, tally: Tally): Promise<void> {
  const port = await freePort();
  const server = await serve(join(go.folder, "server"), [`--port=${port}`, ...(tls ? ["--use_tls"] : [])], port);
  const ca = readFileSync(join(go.moduleFolder, "testdata", "ca.pem"));
  const options: GrpcOptions = tls ? { tls: { client: { certificates: { ca }, serverName: certifiedName } } } : {};
  for (const [name, run] of Object.entries(clientCases)) {
    const transport = grpcTransport(options);
    const channel = transport.connect(`127.0.0.1:${port}`);
    const runtime = new Runtime({ name: "interop", connect: () => channel });
    const label = `sampan → grpc-go${tls ? " tls" : ""} ${name}`;
    try {
      await runtime.run({ name }, async (call) => {
        await run(call);
        return undefined;
      });
      tally.add({ name: label, result: "passed" });
    } catch (thrown) {
      tally.add({
        name: label,
        result: "failed",
        why: thrown instanceof Error ? (thrown.cause instanceof Error ? thrown.cause : thrown).message : String(thrown),
      });
    }
    await transport.close();
  }
  await stop(server);
}
