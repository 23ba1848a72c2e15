import { join } from "node:path";
import { prepared, source, step } from "./peer-cache.js";

/** What the peers of Node are measured at. */
export const nodeVersions = {
  "@bufbuild/protobuf": "2.12.1",
  "@connectrpc/connect": "2.2.0",
  "@connectrpc/connect-node": "2.2.0",
  "@grpc/grpc-js": "1.14.7",
  "@grpc/proto-loader": "0.8.1",
  "nice-grpc": "2.1.18",
} as const;

const programs = ["grpc-js", "connect-node", "nice-grpc"].flatMap((peer) => [
  [`${peer}-server.mjs`, `${peer}/server.mjs`],
  [`${peer}-client.mjs`, `${peer}/client.mjs`],
]);

/** The folder of the three peers' programs. */
export function nodePeers(): Promise<string> {
  const files = {
    "package.json": JSON.stringify({ private: true, type: "module", dependencies: nodeVersions }, undefined, 2),
    "bench.proto": source("bench.proto"),
    ...Object.fromEntries(programs.map(([name, file]) => [name, source(file as string)])),
  };
  return prepared("node", files, async (folder) => {
    await step(folder, "npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]);
    await step(folder, "buf", ["build", "bench.proto", "-o", join(folder, "bench.binpb")]);
  });
}
