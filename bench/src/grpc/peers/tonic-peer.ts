import { join } from "node:path";
import { prepared, source, step } from "./peer-cache.js";

export const tonicVersion = "0.14.9";

const manifest = `[package]
name = "bench-tonic"
version = "0.0.0"
edition = "2021"

[dependencies]
tonic = { version = "=${tonicVersion}", features = ["tls-ring"] }
tonic-prost = "=${tonicVersion}"
prost = "=0.14.4"
tokio = { version = "=1.54.1", features = ["rt", "macros", "sync", "net"] }
tokio-stream = { version = "0.1", features = ["net"] }

[build-dependencies]
prost = "=0.14.4"
prost-types = "=0.14.4"
tonic-prost-build = "=${tonicVersion}"

[workspace]
`;

/** tonic's server. Rejects where there is no cargo, or its build takes longer than ten minutes. */
export async function tonicServer(): Promise<string> {
  const files = {
    "Cargo.toml": manifest,
    "bench.proto": source("bench.proto"),
    "build.rs": source("tonic/build.rs"),
    "src/main.rs": source("tonic/main.rs"),
  };
  const folder = await prepared("tonic", files, async (folder) => {
    await step(folder, "buf", ["build", "bench.proto", "-o", join(folder, "bench.binpb")]);
    await step(folder, "cargo", ["build", "--release"], 600_000);
  });
  return join(folder, "target", "release", "bench-tonic");
}
