import type { Socket } from "node:net";
import { type PeerCertificate, TLSSocket } from "node:tls";

/** Who is at the other end, as the socket knows it. */
export interface Peer {
  readonly address: string;
  readonly port: number;
  /** TLS with a certificate chain that was verified. */
  readonly authorized: boolean;
  /** The peer's certificate (mTLS), or undefined. Costly: call once per connection. */
  certificate(): PeerCertificate | undefined;
}

export function peerOf(socket: Socket): Peer {
  const tls = socket instanceof TLSSocket ? socket : undefined;
  return {
    address: socket.remoteAddress ?? "",
    port: socket.remotePort ?? 0,
    authorized: tls?.authorized ?? false,
    certificate() {
      const found = tls?.getPeerCertificate();
      return found !== undefined && Object.keys(found).length > 0 ? found : undefined;
    },
  };
}
