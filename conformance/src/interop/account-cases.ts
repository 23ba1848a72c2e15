import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Code, Dispatcher, RpcError, Runtime } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import type { GoPrograms } from "../runner/go-programs.js";
import { finish } from "../runner/processes.js";
import type { Tally } from "../runner/tally.js";
import { certificate, key } from "../tls/certificate.js";
import { email, oauthScope, StandInAccount } from "./stand-in-account.js";
import { testService } from "./test-service.js";

/** Cases in which calls carry a token, and the credentials that grpc-go's client takes it from. */
const cases: Readonly<Record<string, "tls" | "google_default_credentials" | "compute_engine_channel_creds">> = {
  jwt_token_creds: "tls",
  service_account_creds: "tls",
  oauth2_auth_token: "tls",
  per_rpc_creds: "tls",
  compute_engine_creds: "tls",
  google_default_credentials: "google_default_credentials",
  compute_engine_channel_credentials: "compute_engine_channel_creds",
};

const caseTimeoutMs = 60_000;

/** grpc-go's client against our server, with tokens of a stand-in for the cloud that these cases were made for. */
export async function accountCases(go: GoPrograms, tally: Tally): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sampan-interop-"));
  const keyFile = join(folder, "account.json");
  const caFile = join(folder, "ca.pem");
  await writeFile(caFile, certificate);
  const account = await StandInAccount.start(keyFile);
  const transport = grpcTransport({ tls: { server: { certificates: { cert: certificate, key } } } });
  const runtime = new Runtime({ name: "interop", connect: () => transport.connect("unused:1") });
  // Stricter than the client, which takes an empty name for a part of the right one.
  const service = testService(undefined, (authorization) => {
    const holder = account.authorize(authorization);
    if (holder === undefined) throw new RpcError(Code.Unauthenticated, "no token of the account");
    return holder;
  });
  const { address } = await transport.listen(new Dispatcher(runtime, [service]));
  const words = [
    "--server_host=localhost",
    `--server_port=${address.slice(address.lastIndexOf(":") + 1)}`,
    `--service_account_key_file=${keyFile}`,
    `--default_service_account=${email}`,
    `--oauth_scope=${oauthScope}`,
  ];
  const env = { GCE_METADATA_HOST: account.host, GOOGLE_APPLICATION_CREDENTIALS: keyFile, SSL_CERT_FILE: caFile };
  try {
    for (const [name, credentials] of Object.entries(cases)) {
      const chosen =
        credentials === "tls"
          ? ["--use_tls", "--use_test_ca", `--ca_file=${caFile}`]
          : [`--custom_credentials_type=${credentials}`];
      const all = [...words, ...chosen, `--test_case=${name}`];
      const { status, output } = await finish(join(go.folder, "client"), all, caseTimeoutMs, env);
      const label = `grpc-go → sampan tls ${name}`;
      tally.add(
        status === 0 ? { name: label, result: "passed" } : { name: label, result: "failed", why: output.slice(-500) },
      );
    }
  } finally {
    await transport.close();
    account.close();
    await rm(folder, { recursive: true });
  }
}
