import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { goPrograms } from "../runner/go-programs.js";
import { finish } from "../runner/processes.js";
import type { Suite } from "../runner/suite.js";
import { compileContract } from "./compile-contract.js";
import { parseRunnerOutput } from "./runner-output.js";

const module = "connectrpc.com/conformance";
const version = "v1.0.7";
const runTimeoutMs = 400_000;

/** What we are, for the runner; it makes the cases from it. */
const features = `features:
  versions: [HTTP_VERSION_2]
  protocols: [PROTOCOL_GRPC]
  codecs: [CODEC_PROTO]
  compressions: [COMPRESSION_IDENTITY, COMPRESSION_GZIP]
  supports_h2c: true
  supports_tls: true
  supports_tls_client_certs: true
  supports_trailers: true
  supports_message_receive_limit: true
`;

export const connectConformance: Suite = {
  name: "connect-conformance",
  summary: "connectrpc's runner, gRPC protocol: our server, our client (connectrpc.com/conformance)",
  needsGo: true,
  async run({ cache, tally }) {
    const { folder, moduleFolder } = await goPrograms(cache, module, version, ["cmd/connectconformance"]);
    const contract = await compileContract(moduleFolder, folder);
    const config = join(folder, "features.yaml");
    await writeFile(config, features);
    for (const mode of ["server", "client"]) {
      const program = fileURLToPath(new URL(`./${mode}-program.js`, import.meta.url));
      const ours = [process.execPath, "--enable-source-maps", program, contract];
      const words = ["--conf", config, "--mode", mode, "--", ...ours];
      const { output, status } = await finish(join(folder, "connectconformance"), words, runTimeoutMs);
      const { passed, failures, broken } = parseRunnerOutput(output, status);
      tally.addPassed(passed, `${mode} cases`);
      for (const { name, why } of failures) tally.add({ name: `${mode} ${name}`, result: "failed", why });
      if (broken) tally.add({ name: `${mode}: the runner itself`, result: "failed", why: output.slice(-3000) });
    }
  },
};
