import type { Channel, Transport } from "@sampan/core/ports";
import { type GrpcOptions, grpcTransport } from "@sampan/grpc";
import type { ProcessCertificates } from "./certificates/index.js";

/**
 * What a process calls others with over gRPC: one transport, or with mTLS one for each group of services that the same
 * servers may serve, because a connection is held against whom it should reach, which its target does not say.
 */
export class CallingTransports {
  readonly #options: Omit<GrpcOptions, "tls">;
  readonly #certificates: ProcessCertificates | undefined;
  readonly #made = new Map<string, Transport>();

  constructor(options: Omit<GrpcOptions, "tls">, certificates: ProcessCertificates | undefined) {
    this.#options = options;
    this.#certificates = certificates;
  }

  /** Services of the same group may share connections. */
  groupOf(service: string): string {
    return this.#certificates?.serversOf(service) ?? "";
  }

  connect(service: string, target: string): Channel {
    const group = this.groupOf(service);
    let transport = this.#made.get(group);
    if (transport === undefined) {
      const client = this.#certificates?.clientTls(service);
      transport = grpcTransport(client === undefined ? this.#options : { ...this.#options, tls: { client } });
      this.#made.set(group, transport);
    }
    return transport.connect(target);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#made.values()].map((transport) => transport.close()));
  }
}
