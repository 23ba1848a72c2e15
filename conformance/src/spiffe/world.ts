import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, Dispatcher, implement, Runtime } from "@sampan/core";
import { type GrpcOptions, grpcTransport } from "@sampan/grpc";
import {
  type Authority,
  authoritySource,
  createAuthority,
  memoryAuthorityStore,
  peerVerifier,
  tlsCertificates,
  workloadService,
  type X509Source,
} from "@sampan/identity/certificates";
import { Health, HealthCheckResponse_ServingStatus as Status } from "@sampan/protos/grpc/health/v1/health_pb.js";

export const shop = "shop.test";
export const other = "other.test";
export const orderId: string = `spiffe://${shop}/ns/shop/sa/order`;
export const cartId: string = `spiffe://${shop}/ns/shop/sa/cart`;
export const strangerId: string = `spiffe://${other}/ns/shop/sa/cart`;

type Lives = NonNullable<Parameters<typeof createAuthority>[1]["lives"]>;

/** A service of ours over mTLS: gRPC health, and whom it was called by. */
export interface OurServer {
  readonly target: string;
  readonly callers: readonly string[];
}

/** Two trust domains with identities, Workload APIs on sockets, servers and clients; `close` ends everything. */
export class World {
  readonly authorities: ReadonlyMap<string, Authority>;
  readonly #folder: string = mkdtempSync(join(tmpdir(), "sampan-spiffe-"));
  readonly #ends: (() => unknown)[] = [];
  #sockets = 0;

  private constructor(authorities: ReadonlyMap<string, Authority>) {
    this.authorities = authorities;
  }

  static async open(lives: Lives = {}): Promise<World> {
    const named = [shop, other].map(async (domain) => {
      const authority = await createAuthority(domain, { store: memoryAuthorityStore(), lives });
      return [domain, authority] as const;
    });
    return new World(new Map(await Promise.all(named)));
  }

  authority(domain: string): Authority {
    return this.authorities.get(domain) as Authority;
  }

  /** An identity, which also believes the other trust domain when they are federated. */
  source(id: string, federated = true): X509Source {
    const domain = id.split("/")[2] as string;
    const neighbour = this.authority(domain === shop ? other : shop);
    const source = authoritySource({
      authority: this.authority(domain),
      id,
      federated: federated ? [neighbour.bundle()] : [],
    });
    this.#ends.push(() => source.close());
    return source;
  }

  /** Serves the Workload API for an identity; its address, as SPIFFE_ENDPOINT_SOCKET has it. */
  async serveApi(source: X509Source): Promise<string> {
    const path = join(this.#folder, `api-${this.#sockets++}.sock`);
    await this.#listen({ address: `unix:${path}` }, [workloadService({ sources: [source] })]);
    return `unix://${path}`;
  }

  async serve(source: X509Source): Promise<OurServer> {
    const callers: string[] = [];
    const tls = { certificates: tlsCertificates(source), checkClient: peerVerifier({ source }).check };
    const service = implement(Health, {
      check(_, call) {
        callers.push(call.peer.identity);
        return { status: Status.SERVING };
      },
      async *watch() {},
    });
    const address = await this.#listen({ tls: { server: tls }, health: false }, [service]);
    return { target: address.replace(/^ipv4:/, ""), callers };
  }

  /** A client that calls whoever has this id at a target. */
  client(source: X509Source, expected: string, target: string): Client<typeof Health> {
    const { check } = peerVerifier({ source, accept: (id) => id === expected });
    const transport = grpcTransport({
      tls: { client: { certificates: tlsCertificates(source), checkServer: (_, certificate) => check(certificate) } },
    });
    this.#ends.push(() => transport.close());
    const runtime = new Runtime({ name: "conformance", connect: () => transport.connect(target) });
    return runtime.root({ name: "conformance", timeoutMs: 600_000 }).to(Health, { timeoutMs: 5000 });
  }

  /** What is to end with it. */
  onClose(end: () => unknown): void {
    this.#ends.push(end);
  }

  async close(): Promise<void> {
    await Promise.all(this.#ends.map((end) => end()));
    for (const authority of this.authorities.values()) authority.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #listen(options: GrpcOptions, services: ConstructorParameters<typeof Dispatcher>[1]): Promise<string> {
    const transport = grpcTransport(options);
    this.#ends.push(() => transport.close());
    const connect = (): never => {
      throw new Error("this server calls nobody");
    };
    // Streams of the Workload API last.
    const runtime = new Runtime({ name: "conformance", connect, defaultTimeoutMs: 3_600_000 });
    const { address } = await transport.listen(new Dispatcher(runtime, services));
    return address;
  }
}
