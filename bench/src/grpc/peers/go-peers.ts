import { prepared, source, step } from "./peer-cache.js";

export const goVersions = {
  "golang.org/x/net": "v0.62.0",
  "google.golang.org/grpc": "v1.85.0",
  "google.golang.org/protobuf": "v1.36.12",
} as const;

const generators = {
  "google.golang.org/protobuf/cmd/protoc-gen-go": goVersions["google.golang.org/protobuf"],
  "google.golang.org/grpc/cmd/protoc-gen-go-grpc": "v1.6.2",
};

const module = `module bench

go 1.25.0

require (
${Object.entries(goVersions)
  .map(([name, version]) => `\t${name} ${version}\n`)
  .join("")})
`;

/** The folder whose `bin` has grpc-go's `server`, `client` and `pace`, and the generator `frames`. */
export function goPeers(): Promise<string> {
  const files = {
    "go.mod": module,
    "bench.proto": source("bench.proto"),
    "server/main.go": source("grpc-go/server/main.go"),
    "client/main.go": source("grpc-go/client/main.go"),
    "pace/main.go": source("grpc-go/pace/main.go"),
    "frames/main.go": source("frames/main.go"),
    "frames/connection.go": source("frames/connection.go"),
    "frames/call.go": source("frames/call.go"),
  };
  return prepared("go", files, async (folder) => {
    for (const [name, version] of Object.entries(generators))
      await step(folder, "go", ["install", `${name}@${version}`]);
    const plugins = ["protoc-gen-go", "protoc-gen-go-grpc"].map((local) => ({
      local,
      out: "pb",
      opt: ["paths=source_relative", "Mbench.proto=bench/pb"],
    }));
    await step(folder, "buf", ["generate", "bench.proto", "--template", JSON.stringify({ version: "v2", plugins })]);
    await step(folder, "go", ["mod", "tidy"]);
    await step(folder, "go", ["build", "-o", "bin/", "./server", "./client", "./pace", "./frames"]);
  });
}
