import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { goPeers, goVersions } from "./go-peers.js";
import { nodePeers, nodeVersions } from "./node-peers.js";
import { tonicServer, tonicVersion } from "./tonic-peer.js";

/** How a program is started; servers print `{"port"}` when they listen, clients one line of figures. */
export interface Program {
  readonly command: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export type Subject = "sampan" | "grpc-js" | "grpc-go" | "connect-node" | "nice-grpc" | "tonic";

/** A program by name, with what it is; its packages are fetched and built on first use. */
export function serverOf(subject: Subject): Promise<Program> {
  return programOf(subject, "server");
}

export function clientOf(subject: Subject): Promise<Program> {
  return programOf(subject, "client");
}

async function programOf(subject: Subject, role: "server" | "client"): Promise<Program> {
  switch (subject) {
    case "sampan":
      return ours(role);
    case "grpc-go":
      return { command: [join(await goPeers(), "bin", role)], env: { GOMAXPROCS: "1" } };
    case "tonic":
      return { command: [await tonicServer()] };
    default: {
      const folder = await nodePeers();
      return { command: [process.execPath, `${subject}-${role}.mjs`], cwd: folder };
    }
  }
}

/** One of our own programs of this bench, compiled. */
export function ours(name: string): Program {
  return { command: [process.execPath, fileURLToPath(new URL(`../programs/${name}.js`, import.meta.url))] };
}

/** A program of the Go module: the generators. */
export async function goProgram(name: "client" | "pace" | "frames"): Promise<Program> {
  return { command: [join(await goPeers(), "bin", name)] };
}

/** What a subject's figures were measured with. */
export function versionOf(subject: Subject): string {
  switch (subject) {
    case "sampan":
      return `Node ${process.versions.node}`;
    case "grpc-go":
      return `${goVersions["google.golang.org/grpc"]}, ${firstLine("go", "version").split(" ")[2]}, GOMAXPROCS=1`;
    case "tonic":
      return `${tonicVersion}, ${firstLine("rustc", "--version")}, one thread`;
    case "connect-node":
      return nodeVersions["@connectrpc/connect-node"];
    case "grpc-js":
      return nodeVersions["@grpc/grpc-js"];
    case "nice-grpc":
      return `${nodeVersions["nice-grpc"]} on grpc-js ${nodeVersions["@grpc/grpc-js"]}`;
  }
}

function firstLine(command: string, ...args: string[]): string {
  return String(spawnSync(command, args).stdout).split("\n")[0] ?? "";
}
