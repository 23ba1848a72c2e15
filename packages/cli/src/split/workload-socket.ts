import { chmodSync, rmSync } from "node:fs";
import { type Clock, CoreErrors, Dispatcher, Runtime } from "@sampan/core";
import type { Transport } from "@sampan/core/ports";
import { grpcTransport } from "@sampan/grpc";
import { workloadService, type X509Source } from "@sampan/identity/certificates";

export interface WorkloadSocketOptions {
  /** A path in a folder that only this user can enter: whoever opens the socket gets the identity. */
  readonly path: string;
  readonly source: X509Source;
  readonly clock: Clock;
}

/** Streams of the Workload API last for hours; their callers set deadlines of their own. */
const streamMs = 86_400_000;

/** The SPIFFE Workload API of one process, on a unix socket of its own. */
export class WorkloadSocket {
  readonly #options: WorkloadSocketOptions;
  #transport: Transport | undefined;

  constructor(options: WorkloadSocketOptions) {
    this.#options = options;
  }

  /** Serves; also again, after `close`. */
  async listen(): Promise<void> {
    const { path, source, clock } = this.#options;
    rmSync(path, { force: true });
    const transport = grpcTransport({ address: `unix:${path}`, clock, reflection: false, trust: "none" });
    this.#transport = transport;
    const runtime = new Runtime({
      name: "workload-api",
      clock,
      defaultTimeoutMs: streamMs,
      connect: (service) => {
        throw CoreErrors.UNAVAILABLE({ service, why: "the Workload API calls nobody" });
      },
    });
    await transport.listen(new Dispatcher(runtime, [workloadService({ sources: [source], clock })]));
    chmodSync(path, 0o600);
  }

  /** Ends its streams too. */
  async close(): Promise<void> {
    await this.#transport?.close();
    this.#transport = undefined;
  }
}
