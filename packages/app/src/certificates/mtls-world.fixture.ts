import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { Dispatcher, Runtime } from "@sampan/core";
import { grpcTransport } from "@sampan/grpc";
import {
  type Authority,
  authoritySource,
  createAuthority,
  memoryAuthorityStore,
  serviceId,
  workloadService,
} from "@sampan/identity/certificates";

const program = fileURLToPath(new URL("./mtls-program.fixture.js", import.meta.url));

/** An installation with an authority: its processes find a Workload API on a socket of their own. */
export interface MtlsWorld {
  readonly folder: string;
  readonly authority: Authority;
  /** Where the policy is; what it says may be changed. */
  readonly policyFile: string;
  /** Serves the Workload API for a service on a socket; gives the socket. */
  endpointFor(service: string, given?: { authority?: Authority; federated?: Authority }): Promise<string>;
  /** Starts a process that serves the echo contract. */
  serve(endpoint: string, settings?: Record<string, Record<string, unknown>>): Promise<Served>;
  /** Starts a process that calls it once, and gives what came of it. */
  call(name: string, certificates: Record<string, unknown>, target: string): Promise<CallResult>;
  /** The same for a process that finds it in the registry at that target. */
  callBy(registry: string, certificates: Record<string, unknown>): Promise<CallResult>;
}

export interface Served {
  /** What others connect to. */
  readonly target: string;
  /** Log lines, one after the other. */
  readonly out: string;
  page(path: string): Promise<string>;
  stop(): Promise<number | null>;
}

export interface CallResult {
  readonly text?: string;
  readonly code?: string;
  readonly message?: string;
  readonly reason?: string;
}

const trustDomain = "shop.test";
export const idOf = (service: string): string => serviceId(trustDomain, "sampan", service);

export async function newAuthority(t: TestContext, domain: string = trustDomain): Promise<Authority> {
  const authority = await createAuthority(domain, { store: memoryAuthorityStore() });
  t.after(() => authority.close());
  return authority;
}

export async function mtlsWorld(t: TestContext, policy: string): Promise<MtlsWorld> {
  const folder = mkdtempSync(join(tmpdir(), "mtls-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const policyFile = join(folder, "access.yaml");
  writeFileSync(policyFile, policy);
  const authority = await newAuthority(t);
  let sockets = 0;
  const callOnce = async (
    name: string,
    certificates: Record<string, unknown>,
    process: Record<string, unknown>,
  ): Promise<CallResult> => {
    const settings = { process: { ...process, adminPort: -1 }, certificates, access: { policy: policyFile } };
    const child = start(t, { name, settings, calls: true });
    const [, result = ""] = await child.printed(/^result (.*)$/m);
    await child.stop();
    return JSON.parse(result) as CallResult;
  };
  return {
    folder,
    authority,
    policyFile,
    async endpointFor(service, given = {}) {
      const endpoint = `unix:${join(folder, `w${++sockets}`)}`;
      await serveWorkload(t, { authority, ...given }, service, endpoint);
      return endpoint;
    },
    async serve(endpoint, settings = {}) {
      const target = `unix:${join(folder, `echo${++sockets}`)}`;
      const child = start(t, {
        name: "echo",
        settings: {
          ...settings,
          process: { listen: target, adminPort: 0, ...settings.process },
          certificates: { mode: "workload", endpoint, ...settings.certificates },
          access: { policy: policyFile, ...settings.access },
        },
      });
      const admin = (await child.printed(/"admin":"([^"]+)"/))[1];
      return {
        target,
        get out() {
          return child.out();
        },
        page: async (path) => (await fetch(`${admin}${path}`, { headers: { connection: "close" } })).text(),
        stop: () => child.stop(),
      };
    },
    call: (name, certificates, target) =>
      callOnce(name, certificates, { targets: [`sampan.test.v1.EchoService=${target}`] }),
    callBy: (registry, certificates) => callOnce("order", certificates, { registry: `sampan:${registry}` }),
  };
}

/** The Workload API of one service, until the test ends. */
export async function serveWorkload(
  t: TestContext,
  { authority, federated }: { authority: Authority; federated?: Authority },
  service: string,
  endpoint: string,
): Promise<{ close(): Promise<void> }> {
  const source = authoritySource({
    authority,
    id: serviceId(authority.trustDomain, "sampan", service),
    federated: federated === undefined ? [] : [federated.bundle()],
  });
  const transport = grpcTransport({ address: endpoint });
  const runtime = new Runtime({ name: "authority", connect: (name) => transport.connect(name) });
  await transport.listen(new Dispatcher(runtime, [workloadService({ sources: [source] })]));
  const close = async (): Promise<void> => {
    source.close();
    await transport.close();
  };
  t.after(close);
  return { close };
}

function start(t: TestContext, options: Record<string, unknown>) {
  const child = spawn(process.execPath, [program, JSON.stringify(options)], { stdio: ["ignore", "pipe", "pipe"] });
  t.after(() => void child.kill("SIGKILL"));
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    out += text;
  });
  const closed = once(child, "close");
  return {
    out: () => out,
    async printed(pattern: RegExp): Promise<RegExpExecArray> {
      for (;;) {
        const found = pattern.exec(out);
        if (found !== null) return found;
        const ended = await Promise.race([once(child.stdout, "data").then(() => false), closed.then(() => true)]);
        if (ended && !pattern.test(out)) throw new Error(`it ended without ${pattern}:\n${out}`);
      }
    },
    async stop(): Promise<number | null> {
      child.kill("SIGTERM");
      await closed;
      return child.exitCode;
    },
  };
}
